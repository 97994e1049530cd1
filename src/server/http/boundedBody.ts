/** That a body is larger than one is taken. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** That a body ended before it should. */
export class UnreadError extends Error {
  override readonly name = 'UnreadError';
}

/**
 * The bytes of a request's body, as they come, up to so many.
 * @throws TooLargeError where there are more, or `Content-Length` says so: then none is read
 * @throws UnreadError where the client goes away before the end
 */
export async function* boundedBody({ body, headers }: Request, most: number): AsyncGenerator<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > most) throw new TooLargeError();
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
  if (!reader) return;
  try {
    for (let size = 0; ;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new UnreadError('The body ended early.', { cause });
      });
      if (done) return;
      size += value.length;
      if (size > most) throw new TooLargeError();
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
