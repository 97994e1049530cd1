import { isJsonContentType } from '@modelcontextprotocol/server';
import { hasMoreValues, isDeeper } from '../../common/jsonDepth.ts';
import { refuse, rpcCodes } from './answers.ts';
import { boundedBody, TooLargeError } from './boundedBody.ts';

/** How large a body may be. */
export interface BodyLimits {
  /** Bytes. */
  readonly bytes: number;
}

/** Deepest nesting that is read: no tool takes more than a handful, and what is read is walked recursively later. */
const deepest = 64;
/** Most values: a tool takes 10,000, and each is looked at several times. */
const mostValues = 12_000;
/** Most messages in a batch. */
const mostInBatch = 50;
/** The only revision with batches; its clients do not name it (MCP 2025-11-25, "Protocol Version Header"). */
const batchRevision = '2025-03-26';
/** What is no UTF-8 is refused: with other characters in its place it would say something else than was sent. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

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
  let bytesSent: Uint8Array;
  try {
    bytesSent = await readBytes(request, bytes);
  } catch (error) {
    return {
      refused:
        error instanceof TooLargeError
          ? refuse(413, `The body is larger than ${String(bytes)} bytes. Send less at a time.`)
          : malformed('The body could not be read to its end.'),
    };
  }
  let text: string;
  try {
    text = utf8.decode(bytesSent);
  } catch {
    return { refused: malformed('The body is not UTF-8.') };
  }
  if (isDeeper(text, deepest)) {
    return { refused: malformed(`The body is nested deeper than ${String(deepest)} levels.`) };
  }
  if (hasMoreValues(text, mostValues)) {
    return { refused: malformed(`The body has more than ${String(mostValues)} values.`) };
  }
  let sent: unknown;
  try {
    sent = JSON.parse(text);
  } catch {
    return { refused: malformed('The body is not JSON.') };
  }
  const wrong = Array.isArray(sent) && wrongBatch(sent, headers.get('mcp-protocol-version'));
  return wrong ? { refused: refuse(400, wrong, { code: rpcCodes.invalidRequest }) } : { sent };
}

/** Why a batch is refused, where it is. */
function wrongBatch({ length }: readonly unknown[], revision: string | null): string | undefined {
  if (revision !== null && revision !== batchRevision) {
    return `Send one message at a time: only revision ${batchRevision} of MCP has batches.`;
  }
  if (length > 0 && length <= mostInBatch) return undefined;
  return `Send a batch of 1 to ${String(mostInBatch)} messages.`;
}

/**
 * Reads without a stream, which is quicker, what says how large it is: Node.js reads no more of it than was said.
 * @throws TooLargeError
 */
async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length') ?? '';
  if (!/^\d{1,15}$/.test(length) || Number(length) > most) {
    const parts: Uint8Array[] = [];
    for await (const part of boundedBody(request, most)) parts.push(part);
    return Buffer.concat(parts);
  }
  const whole = new Uint8Array(await request.arrayBuffer());
  if (whole.length > most) throw new TooLargeError();
  return whole;
}

function malformed(message: string): Response {
  return refuse(400, message, { code: rpcCodes.parseError });
}
