/** That a body is larger than one is taken. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** That a body ended before it should. */
export class UnreadError extends Error {
  override readonly name = 'UnreadError';
}

/** Smallest part (bytes) of a body that is passed on by itself: of a million parts of a byte each, each takes a hundred. */
const smallestPart = 16_384;

/**
 * The bytes of a request's body, up to so many. What comes in small parts is put together.
 * @throws TooLargeError where there are more, or `Content-Length` says so: then none is read
 * @throws UnreadError where the client goes away before the end
 */
export async function* boundedBody({ body, headers }: Request, most: number): AsyncGenerator<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > most) throw new TooLargeError();
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
  if (!reader) return;
  let gathered = Buffer.alloc(0);
  let filled = 0;
  try {
    for (let size = 0; ;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new UnreadError('The body ended early.', { cause });
      });
      if (done) break;
      size += value.length;
      if (size > most) throw new TooLargeError();
      if (filled + value.length > gathered.length) {
        if (filled > 0) yield gathered.subarray(0, filled);
        filled = 0;
        gathered = Buffer.allocUnsafe(value.length < smallestPart ? smallestPart : 0);
      }
      if (value.length >= smallestPart) {
        yield value;
        continue;
      }
      gathered.set(value, filled);
      filled += value.length;
    }
    if (filled > 0) yield gathered.subarray(0, filled);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
