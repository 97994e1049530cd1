import { execSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

// Builds what the tests run, unless it is newer than all it is made of: `npm run check` has built it.
const root = join(import.meta.dirname, '..');
const changed = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = [
  'esbuild.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  ...globSync('src/**/*.ts', { cwd: root }),
];
const built = Math.min(changed('dist/metafile.json'), changed('dist/types/index.d.ts'));
if (built <= Math.max(...sources.map(changed))) execSync('npm run build', { cwd: root, stdio: 'inherit' });
