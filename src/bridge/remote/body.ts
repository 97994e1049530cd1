import type { Answer } from './decoding.ts';
import { TooLongError, type Intake } from '../../mcp/intake.ts';

/**
 * Reads a body to its end.
 * @throws TooLongError
 * @throws UnreadableError where it is not in the encoding it is said to be in
 * @throws Error with the code `ECONNRESET` where it breaks off
 */
export function readBody(response: Answer, intake: Intake): Promise<string> {
  const held = intake.watch(response);
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (held.take(chunk.length)) {
        held.settle();
      } else {
        reject(new TooLongError());
        response.destroy();
      }
    });
    response.once('end', () => {
      const [first] = chunks;
      resolve((chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString());
      chunks.length = 0;
    });
    response.once('close', () => {
      chunks.length = 0;
      reject(
        response.unreadable ?? Object.assign(new Error('The answer broke off.'), { code: 'ECONNRESET' }),
      );
    });
  });
}
