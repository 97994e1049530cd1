import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server';
import { isDeeper } from '../../common/jsonDepth.ts';
import { refuse, rpcCodes } from './answers.ts';

/** How large a body may be. */
export interface BodyLimits {
  /** Bytes. */
  readonly bytes: number;
}

/** Deepest nesting that is read: no tool takes more than a handful, and what is read is walked recursively later. */
const deepest = 64;
/** Most messages in a batch, which clients of 2025-03-26 may send. */
const mostInBatch = 50;

/**
 * Reads a body as JSON, within bounds.
 * @returns what was sent, or why it is refused: 413, 415 or 400
 */
export async function readJson(
  request: Request,
  { bytes }: BodyLimits,
): Promise<{ readonly sent: unknown } | { readonly refused: Response }> {
  const { headers } = request;
  if (!isJsonContentType(headers.get('content-type'))) {
    return { refused: refuse(415, 'Send JSON, with the header "Content-Type: application/json".') };
  }
  // Packed, a small body may be a large one.
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    return { refused: refuse(415, 'Send the body as it is, without "Content-Encoding".') };
  }
  const read = await readText(request, bytes).catch(() => undefined);
  if (!read) return { refused: malformed('The body could not be read to its end.') };
  if (read.tooLarge) {
    return { refused: refuse(413, `The body is larger than ${String(bytes)} bytes. Send less at a time.`) };
  }
  if (isDeeper(read.text, deepest)) {
    return { refused: malformed(`The body is nested deeper than ${String(deepest)} levels.`) };
  }
  let sent: unknown;
  try {
    sent = JSON.parse(read.text);
  } catch {
    return { refused: malformed('The body is not JSON.') };
  }
  if (Array.isArray(sent) && (sent.length > mostInBatch || sent.length === 0)) {
    const message = `Send a batch of 1 to ${String(mostInBatch)} messages.`;
    return { refused: refuse(400, message, { code: rpcCodes.invalidRequest }) };
  }
  return { sent };
}

/** Reads without a stream, which is quicker, what says how large it is: Node.js reads no more of it than was said. */
async function readText(
  request: Request,
  bytes: number,
): Promise<Awaited<ReturnType<typeof readRequestBody>>> {
  const length = request.headers.get('content-length') ?? '';
  if (!/^\d{1,15}$/.test(length) || Number(length) > bytes) return readRequestBody(request, bytes);
  const text = await request.text();
  return text.length > bytes ? { tooLarge: true } : { tooLarge: false, text };
}

function malformed(message: string): Response {
  return refuse(400, message, { code: rpcCodes.parseError });
}
