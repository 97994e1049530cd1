import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The repository as somebody has it who has cloned it, with what is changed here. */
export interface Sources extends Disposable {
  readonly path: string;
}

/** Copies what git knows, or would add, into a folder of its own. */
export function copySources(): Sources {
  const path = mkdtempSync(join(tmpdir(), 'omnispindle-sources-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of new Set(files.split('\0').filter(name => name !== ''))) {
    cpSync(join(root, file), join(path, file), { recursive: true });
  }
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true });
    },
  };
}
