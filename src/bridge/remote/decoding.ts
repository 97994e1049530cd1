import type { IncomingMessage } from 'node:http';
import { Transform, type Readable, type TransformCallback } from 'node:stream';
import type { Inflate, InflateRaw } from 'node:zlib';

/** The answer of a server, its body as it is meant. */
export interface Answer extends Readable, Pick<IncomingMessage, 'statusCode' | 'headers'> {
  /** Whether all of it is here. */
  readonly complete?: boolean;
  /** Why the body could not be decoded. */
  readonly unreadable?: UnreadableError | undefined;
}

/** That a body is not in the encoding that it is said to be in, or in one that is not known here. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly encoding: string;

  constructor(encoding: string, options?: ErrorOptions) {
    super('The encoding of the body cannot be read.', options);
    this.encoding = encoding.replaceAll(/[^\w ,.-]/g, '?').slice(0, 100);
  }
}

/** What is asked for; the rest of this file decodes it (RFC 9110 section 8.4.1). */
export const acceptedEncodings = 'gzip, deflate, br';
/** How many encodings, one over the other, a body may have. */
const mostEncodings = 3;

/**
 * The answer with its body decoded, each part as soon as it comes; the same where there is nothing to decode.
 * What cannot be decoded is closed, and says so as `unreadable`.
 */
export function decoded(response: IncomingMessage): Answer {
  const said = response.headers['content-encoding'];
  if (said === undefined) return response;
  const encodings = said
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity');
  if (encodings.length === 0) return response;
  const decoders =
    encodings.length > mostEncodings
      ? []
      : encodings
          .toReversed()
          .map(decoderFor)
          .filter(each => !!each);
  if (decoders.length < encodings.length) {
    return Object.assign(response, { unreadable: new UnreadableError(said) });
  }
  let unreadable: UnreadableError | undefined;
  const fail = (cause: Error) => {
    unreadable ??= new UnreadableError(said, { cause });
  };
  let last: Readable = response;
  for (const decoder of decoders) last = joined(last, decoder, fail);
  const { statusCode, headers } = response;
  return Object.defineProperty(Object.assign(last, { statusCode, headers }), 'unreadable', {
    get: () => unreadable,
  });
}

/** Leads one stream into the next; whichever closes first closes the other. */
function joined(from: Readable, to: Transform, onFailure: (error: Error) => void): Transform {
  from.pipe(to);
  from.once('error', () => to.destroy());
  from.once('close', () => {
    if (!from.readableEnded) to.destroy();
  });
  to.once('error', onFailure);
  to.once('close', () => from.destroy());
  return to;
}

function decoderFor(encoding: string): Transform | undefined {
  // Late, and yet at once: nothing of the body may pass by until then.
  const zlib = process.getBuiltinModule('node:zlib');
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  // What is cut off at its end says so in its own way; many servers never end a stream.
  const flush = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip(flush);
    case 'deflate':
      return new EitherInflate(first =>
        (first & 0x0f) === 8 ? zlib.createInflate(flush) : zlib.createInflateRaw(flush),
      );
    case 'br':
      return zlib.createBrotliDecompress({
        flush: BROTLI_OPERATION_FLUSH,
        finishFlush: BROTLI_OPERATION_FLUSH,
      });
    default:
      return undefined;
  }
}

/** `deflate` with the head that RFC 9110 section 8.4.1.2 wants, or without it, as some servers send it. */
class EitherInflate extends Transform {
  readonly #choose: (first: number) => Inflate | InflateRaw;
  #inner: Inflate | InflateRaw | undefined;

  constructor(choose: (first: number) => Inflate | InflateRaw) {
    super();
    this.#choose = choose;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const [first] = chunk;
    if (first === undefined) {
      done();
      return;
    }
    this.#inner ??= this.#begin(first);
    this.#inner.write(chunk, error => {
      if (!error) done();
    });
  }

  override _final(done: TransformCallback): void {
    if (!this.#inner) {
      this.push(null);
      done();
      return;
    }
    this.#inner.once('end', () => {
      this.push(null);
      done();
    });
    this.#inner.end();
  }

  override _read(size: number): void {
    this.#inner?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  #begin(first: number): Inflate | InflateRaw {
    const inner = this.#choose(first);
    inner.on('data', (part: Buffer) => {
      if (!this.push(part)) inner.pause();
    });
    inner.once('error', error => this.destroy(error));
    return inner;
  }
}
