import { stripVTControlCharacters, styleText } from 'node:util';

/** Prints a result: as JSON for scripts, else in words. */
export function print(json: boolean | undefined, data: unknown, words: string): void {
  const text = json ? JSON.stringify(data) : words;
  process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`);
}

export const good = (text: string): string => styleText('green', text);
export const bad = (text: string): string => styleText('red', text);

/** Runs long work with a spinner on a terminal, where nothing else reads stderr. */
export async function withSpinner<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work();
  const { default: yoctoSpinner } = await import('yocto-spinner');
  const spinner = yoctoSpinner({ text, stream: process.stderr, handleSignals: false }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}
