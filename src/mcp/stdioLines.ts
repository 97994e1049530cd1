import { hearClientName } from './clientName.ts';
import { readLines, type LineReader } from './lineReader.ts';

/** The client's end. */
export interface LineListener extends Pick<LineReader, 'onTooLong'> {
  /** A line without its end; resolves when the server has it. Must not reject. */
  onLine(line: Buffer): Promise<unknown>;
  /** The client reads again. */
  onDrain(): void;
  /** The longest line (bytes) that is kept. */
  readonly longest?: number;
}

/** How much (bytes) of the client's may wait for the server before the client must wait, too. */
const mostWaiting = 64 * 1024 * 1024;
/**
 * Between two looks (ms) at a client that waits: that one is gone shows only when everything it wrote was read.
 * Twice as much may wait for that.
 */
const lookEvery = 500;

/** Hears every line of the client (MCP specification, "stdio") from now on, no faster than the server takes them. */
export function listenToLines({ onLine, onTooLong, onDrain, longest }: LineListener): void {
  let waiting = 0;
  let isPaused = false;
  let look: NodeJS.Timeout | undefined;

  const most = () => Math.max(waiting, process.stdout.writableLength);

  function goOn(): void {
    if (!isPaused) return;
    clearTimeout(look);
    isPaused = false;
    process.stdin.resume();
  }

  async function pass(line: Buffer): Promise<void> {
    hearClientName(line);
    waiting += line.length;
    await onLine(line);
    waiting -= line.length;
    if (most() <= mostWaiting) goOn();
  }

  const read = readLines({ onLine: line => void pass(line), onTooLong }, longest);
  process.stdin.on('data', (chunk: Buffer) => {
    read(chunk);
    if (most() <= mostWaiting) return;
    isPaused = true;
    process.stdin.pause();
    if (most() <= 2 * mostWaiting) look = setTimeout(goOn, lookEvery);
  });
  process.stdout.on('drain', () => {
    goOn();
    onDrain();
  });
}
