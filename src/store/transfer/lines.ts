import * as l10n from '@vscode/l10n';
import { StoreError } from '../storeError.ts';

/** A line of a file, without its end. */
export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
}

/** Largest line (bytes): a log entry may hold the largest message of MCP twice, as JSON in JSON. */
const longestLine = 128 * 1024 * 1024;
const newLine = 0x0a;

/**
 * Splits bytes into lines of UTF-8: a byte order mark, `\r` before an end, empty lines and a missing last end do not
 * count.
 * @param longest the largest line (bytes)
 * @throws StoreError `invalid_records` where a line is larger, or is not UTF-8
 * @example
 * import { linesOf } from './lines.ts';
 *
 * for await (const { number, text } of linesOf([Buffer.from('{}\r\n')])) console.log(number, text); // 1 {}
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  longest: number = longestLine,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let size = 0;
  let number = 1;

  function keep(part: Uint8Array): void {
    if (part.length === 0) return;
    size += part.length;
    if (size > longest) throw tooLong(number, longest);
    parts.push(part);
  }

  /**
   * To trim takes a byte order mark away as well.
   * @throws StoreError
   */
  function whole(): Line | undefined {
    let text = '';
    try {
      // To decode costs far more than to look, and there may be millions of empty lines.
      if (!parts.every(isBlank)) text = decoder.decode(Buffer.concat(parts));
    } catch (cause) {
      throw new StoreError(
        'invalid_records',
        l10n.t('Line {0} is not text in UTF-8. Nothing of it was imported.', String(number)),
        { cause },
      );
    }
    const line = { number, text: text.trim() };
    if (size > 0) parts = [];
    size = 0;
    number++;
    return line.text === '' ? undefined : line;
  }

  for await (const chunk of chunks) {
    let start = 0;
    for (let end; (end = chunk.indexOf(newLine, start)) >= 0; start = end + 1) {
      keep(chunk.subarray(start, end));
      const line = whole();
      if (line) yield line;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  const last = whole();
  if (last) yield last;
}

/** Whether there is nothing but spaces, tabs and carriage returns. */
function isBlank(part: Uint8Array): boolean {
  return part.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function tooLong(number: number, longest: number): StoreError {
  return new StoreError(
    'invalid_records',
    l10n.t(
      'Line {0} is larger than {1} bytes, which is the most that is read.',
      String(number),
      String(longest),
    ),
  );
}
