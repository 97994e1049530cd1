import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** The ids of the processes that run a command of ours, the built one (Linux). */
export function processesOf(command: string): string[] {
  const { extensionPath = '' } = vscode.extensions.getExtension('omnispindle.omnispindle') ?? {};
  return readdirSync('/proc').filter(pid => {
    try {
      const [, script = '', first] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return script === join(extensionPath, 'dist', 'cli.js') && first === command;
    } catch {
      // No process, or one that has just ended.
      return false;
    }
  });
}
