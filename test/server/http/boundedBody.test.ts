import assert from 'node:assert/strict';
import { boundedBody } from '../../../src/server/http/boundedBody.ts';

describe('the body of a request', () => {
  const most = 1_000_000;
  /** A body that comes in parts of these sizes; each byte is told from the one before. */
  function request(sizes: readonly number[], headers: Record<string, string> = {}): Request {
    let at = 0;
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const size = sizes[at++];
        if (size === undefined) controller.close();
        else if (size < 0) controller.error(new Error('The connection has ended.'));
        else controller.enqueue(Uint8Array.from({ length: size }, () => sent++ % 251));
      },
    });
    return new Request('http://localhost/', { method: 'POST', body, duplex: 'half', headers });
  }
  async function read(...given: Parameters<typeof request>): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    for await (const part of boundedBody(request(...given), most)) parts.push(part);
    return parts;
  }

  it('is passed on whole and in order, whatever the parts it comes in', async () => {
    for (const sizes of [
      [],
      [0],
      [1],
      [10, 0, 20_000, 5],
      [16_383, 1, 1],
      [16_383, 16_384, 16_383],
      [100_000, 3, 100_000],
      Array<number>(40).fill(9_999),
    ]) {
      const whole = Buffer.concat(await read(sizes));
      const length = sizes.reduce((sum, size) => sum + size, 0);
      const right = Buffer.from(Uint8Array.from({ length }, (_, i) => i % 251));
      assert.ok(whole.equals(right), sizes.join());
    }
  });

  it('keeps no object for each of very many small parts', async () => {
    const parts = await read(Array<number>(100_000).fill(1));
    assert.equal(Buffer.concat(parts).length, 100_000);
    assert.ok(parts.length < 10, String(parts.length));
  });

  it('ends with an error where it is too large, or ends early', async () => {
    await assert.rejects(read([most, 1]), { name: 'TooLargeError' });
    await assert.rejects(read([1], { 'content-length': String(most + 1) }), { name: 'TooLargeError' });
    await assert.rejects(read([1, -1]), { name: 'UnreadError' });
    assert.equal(Buffer.concat(await read([most])).length, most);
  });
});
