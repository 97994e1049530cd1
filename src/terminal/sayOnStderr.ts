import { plainText } from '../common/plainText.ts';
import { wrap } from './wrap.ts';

/**
 * Says something to people, without what a terminal would act on. What follows its first line is indented, so
 * that no text from outside can look like a line of ours. It may go unheard: a client that has closed stderr
 * gets its answers anyway. The stream is not touched before, because to open it takes milliseconds.
 */
export function sayOnStderr(text: string): void {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
  process.stderr.write(`${wrap(plainText(text).replaceAll('\n', '\n  '), process.stderr.columns, '  ')}\n`);
}
