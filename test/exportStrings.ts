import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';

// Writes the strings that people see into l10n/, as `vscode-l10n-dev export` does: that one compiles its queries for each
// file, which is nearly all it does. Here all files are one.
const root = join(import.meta.dirname, '..');
const imports = ["import * as l10n from '@vscode/l10n';", "import * as vscode from 'vscode';"];

/** The files in a folder, in that tool's order, which the translations keep. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).reverse();
  const [folders, files] = [true, false].map(isFolder =>
    entries.filter(entry => entry.isDirectory() === isFolder).map(({ name }) => join(folder, name)),
  ) as [string[], string[]];
  return [...files, ...folders.flatMap(filesIn)];
}

const texts = filesIn(join(root, 'src')).map(file => readFileSync(file, 'utf8'));
const lines = texts
  .filter(text => text.includes('l10n.t'))
  .flatMap(text => text.split('\n'))
  .filter(line => !imports.includes(line));
const strings = await getL10nJson([{ extension: '.ts', contents: [...imports, ...lines].join('\n') }]);
writeFileSync(join(root, 'l10n', 'bundle.l10n.json'), JSON.stringify(strings, undefined, 2));
