import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthError, isAuthError } from '../../src/auth/errors.ts';
import { shareWork, type SharedWork } from '../../src/auth/shareWork.ts';
import type { OnProgress } from '../../src/auth/tokenSource.ts';
import { memoryLog, temporaryDirectory } from './fixtures.ts';

const worker = join(import.meta.dirname, 'sharedWorker.ts');
const refused = new AuthError('access_denied', 'The person refused.');

describe('work shared by all processes', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  /** What the work brings about, where everybody can see it. */
  let result: string | undefined;
  /** Every time somebody did the work: whether they had waited for another before. */
  let done: boolean[];

  beforeEach(() => {
    directory = temporaryDirectory();
    result = undefined;
    done = [];
  });
  afterEach(() => {
    directory.remove();
  });

  type Work = (tell: OnProgress) => Promise<string>;
  const succeed: Work = () => Promise.resolve((result = 'done'));

  function share(work: Work, more: Partial<SharedWork<string>> = {}): Promise<string> {
    return shareWork({
      directory: directory.path,
      name: 'work',
      log: memoryLog(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ready: () => Promise.resolve(result),
      work: (tell, { waited }) => {
        done.push(waited);
        return work(tell);
      },
      ...more,
    });
  }

  /** Work that has begun and ends when it is told how. */
  function openEnded() {
    const begun = Promise.withResolvers<OnProgress>();
    const end = Promise.withResolvers<undefined>();
    const work: Work = async tell => {
      begun.resolve(tell);
      await end.promise;
      return succeed(tell);
    };
    return { work, begun: begun.promise, end };
  }

  /** Resolves when somebody who waits has heard that. */
  function hearing(what: string) {
    const heard = Promise.withResolvers<string | undefined>();
    const onProgress: OnProgress = (message, url) => {
      if (message === what) heard.resolve(url);
    };
    return { onProgress, heard: heard.promise };
  }

  it('is done once, and everybody has its result', async () => {
    assert.deepEqual(
      await Promise.all(Array.from({ length: 10 }, () => share(succeed))),
      Array(10).fill('done'),
    );
    assert.deepEqual(done, [false]);
    assert.equal(await share(succeed), 'done');
    assert.equal(done.length, 1);
    assert.deepEqual(readdirSync(directory.path), []);
  });

  it('tells those who wait how it goes, in their own words where they have any', async () => {
    const { work, begun, end } = openEnded();
    const here = hearing('Go to the page.');
    const there = hearing('Go to the page.');
    const elsewhere = hearing('Go to the page.');
    const first = share(work, { onProgress: here.onProgress });
    const tell = await begun;
    const others = [
      share(succeed, { onProgress: there.onProgress }),
      share(succeed, {
        onProgress: () => {
          assert.fail('Its own listener hears of it.');
        },
        onProgressElsewhere: elsewhere.onProgress,
      }),
    ];
    tell('Go to the page.', 'https://example.com/page');
    assert.deepEqual(
      await Promise.all([here.heard, there.heard, elsewhere.heard]),
      Array(3).fill('https://example.com/page'),
    );
    end.resolve(undefined);
    assert.deepEqual(await Promise.all([first, ...others]), Array(3).fill('done'));
  });

  it('that fails fails for all who waited, and none repeats it; who comes later tries anew', async () => {
    const { work, begun, end } = openEnded();
    const waits = hearing('Wait.');
    const first = share(work);
    const tell = await begun;
    const other = share(succeed, { onProgress: waits.onProgress });
    tell('Wait.');
    await waits.heard;
    end.reject(refused);
    for (const waiting of [first, other]) {
      await assert.rejects(
        waiting,
        error => isAuthError(error, 'access_denied') && error.message === refused.message,
      );
    }
    assert.deepEqual(done, [false]);
    assert.equal(await share(succeed), 'done');
  });

  it('that fails for a reason of one process alone is done by the next that waited', async () => {
    const { work, begun, end } = openEnded();
    const waits = hearing('Wait.');
    const first = share(work);
    const tell = await begun;
    const other = share(succeed, { onProgress: waits.onProgress });
    tell('Wait.');
    await waits.heard;
    end.reject(new TypeError('A fault of this process.'));
    await assert.rejects(first, TypeError);
    assert.equal(await other, 'done');
    assert.deepEqual(done, [false, true]);
  });

  it('does not fail because of a failure from before the clock was set back', async () => {
    const news = { at: Date.now() + 300_000, failure: { code: refused.code, message: refused.message } };
    writeFileSync(join(directory.path, 'work.json'), JSON.stringify(news));
    assert.equal(await share(succeed), 'done');
  });

  it('goes on when somebody stops waiting', async () => {
    const { work, begun, end } = openEnded();
    const waits = hearing('Wait.');
    const stop = new AbortController();
    const first = share(work);
    const tell = await begun;
    const other = share(succeed, { onProgress: waits.onProgress, signal: stop.signal });
    tell('Wait.');
    await waits.heard;
    stop.abort(refused);
    await assert.rejects(other, error => error === refused || (error as Error).cause === refused);
    end.resolve(undefined);
    assert.equal(await first, 'done');
    assert.deepEqual(done, [false]);
  });

  it('is begun by nobody who has stopped waiting before', async () => {
    await assert.rejects(share(succeed, { signal: AbortSignal.abort(refused) }), refused);
    assert.deepEqual(done, []);
  });

  it('is taken over by exactly one of those who wait when the process that does it is killed', async () => {
    const child = fork(worker, [directory.path, 'work']);
    await once(child, 'message');
    const waiting = Array.from({ length: 5 }, () => hearing('The other process works.'));
    const results = Promise.all(waiting.map(({ onProgress }) => share(succeed, { onProgress })));
    await Promise.all(waiting.map(({ heard }) => heard));
    child.kill('SIGKILL');
    assert.deepEqual(await results, Array(5).fill('done'));
    assert.deepEqual(done, [true]);
  });
});
