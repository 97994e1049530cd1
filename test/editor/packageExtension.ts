import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const vsce = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'vsce');

/** Packages the extension of a folder, already built, as a VSIX file. */
export function packageExtension(directory: string, vsix: string): void {
  execFileSync(
    vsce,
    ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '-o', vsix],
    { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}
