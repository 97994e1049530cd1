import * as l10n from '@vscode/l10n';
import { Interrupted } from '../../interruptible.ts';

/** Where questions are asked: stdout is for the result. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks something on the terminal.
 * @throws Interrupted where the person stops it with Ctrl-C
 */
export async function ask<T>(question: (terminal: Terminal) => Promise<T>): Promise<T> {
  try {
    return await question({ input: process.stdin, output: process.stderr });
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError') throw new Interrupted('SIGINT', sayStopped());
    throw error;
  }
}

/** That the person stopped `init` before it had changed anything. */
export function sayStopped(): string {
  return l10n.t('Stopped; nothing was changed. Start it again when you are ready.');
}

/** Asks a question that Enter alone answers with yes. @throws Interrupted */
export async function agree(message: string): Promise<boolean> {
  const { default: confirm } = await import('@inquirer/confirm');
  const transformer = (answer: boolean) => (answer ? l10n.t('Yes') : l10n.t('No'));
  return ask(terminal => confirm({ message, transformer }, terminal));
}
