/**
 * Says a line to people. It may go unheard: a client that has closed stderr gets its answers all the same.
 * The stream is not touched before, because to open it takes milliseconds.
 */
export function sayOnStderr(line: string): void {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
  process.stderr.write(`${line}\n`);
}
