import { longestMessage } from './intake.ts';

/** What hears the lines of a stream. */
export interface LineReader {
  /** A line without its end. */
  onLine(line: Buffer): void;
  /** A line was too long to be kept; what is left of it is its beginning and its end. */
  onTooLong(beginning: string, end: string): void;
}

/** How much (bytes) is kept of either end of a line that is too long. */
const keptOfEnds = 1_024;

/**
 * Splits bytes into lines as they come.
 * @param longest the longest line (bytes) that is kept
 * @returns what takes the next bytes
 */
export function readLines(
  { onLine, onTooLong }: LineReader,
  longest: number = longestMessage,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  /** The beginning of a line that has become too long. */
  let beginning: string | undefined;

  function keep(part: Buffer): void {
    parts.push(part);
    length += part.length;
    if (length <= longest) return;
    const whole = Buffer.concat(parts);
    beginning ??= whole.toString('utf8', 0, keptOfEnds);
    // A copy, or all of it would stay in memory.
    parts = [Buffer.from(whole.subarray(-keptOfEnds))];
    length = longest;
  }

  function endLine(part: Buffer): void {
    if (beginning !== undefined || length + part.length > longest) {
      keep(part);
      onTooLong(beginning ?? '', Buffer.concat(parts).toString());
    } else {
      onLine(length === 0 ? part : Buffer.concat([...parts, part]));
    }
    parts = [];
    length = 0;
    beginning = undefined;
  }

  return chunk => {
    let start = 0;
    for (let end; (end = chunk.indexOf(10, start)) >= 0; start = end + 1) endLine(chunk.subarray(start, end));
    if (start < chunk.length) keep(chunk.subarray(start));
  };
}

const id = String.raw`"id"\s*:\s*("[^"\\]{0,256}"|-?\d{1,16})`;
const idFirst = new RegExp(String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?${id}\s*,`);
const idLast = new RegExp(String.raw`,\s*${id}\s*\}\s*$`);

/** The id of a message of which only the ends are known, where it stands there as clients write it. */
export function idAtEitherEnd(beginning: string, end: string): unknown {
  const [, found] = idFirst.exec(beginning) ?? idLast.exec(end) ?? [];
  return found === undefined ? undefined : JSON.parse(found);
}
