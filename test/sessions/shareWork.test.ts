import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthError } from '../../src/auth/authError.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { tryLock } from '../../src/platform/lock.ts';
import { shareWork, type SharedWork } from '../../src/sessions/shareWork.ts';
import type { SignInEvent } from '../../src/sessions/signInEvent.ts';
import { signInWords } from '../../src/sessions/signInWords.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';

const browser = { type: 'browser', url: 'https://example.com/', opened: true } as const;

describe('work that is shared', () => {
  const directory = useDirectory();
  let done: string | undefined;
  let begun: number;

  beforeEach(() => {
    done = undefined;
    begun = 0;
  });

  /** Takes part; the work is done when it says so. */
  function takePart(more: Partial<SharedWork<string>> = {}) {
    const progress: SignInEvent[] = [];
    const result = shareWork<string>({
      directory: directory.path,
      name: 'work',
      log: memoryLog(),
      signal: new AbortController().signal,
      onProgress: event => progress.push(event),
      ready: () => Promise.resolve(done),
      work: () => Promise.reject(new Error('Somebody else was to do it.')),
      ...more,
    });
    result.catch(() => undefined);
    return { result, progress };
  }
  const until = async (condition: () => boolean) => {
    while (!condition()) await delay(10);
  };
  const working = (end: Promise<string>): Partial<SharedWork<string>> => ({
    work: async onProgress => {
      begun++;
      onProgress(browser);
      return (done = await end);
    },
  });

  it('is not done again when it is done already', async () => {
    done = 'before';
    assert.equal(await takePart().result, 'before');
    assert.deepEqual(readdirSync(directory.path), []);
  });

  it('is done once, however many want it; all hear its progress and get its result', async () => {
    const end = Promise.withResolvers<string>();
    const many = Array.from({ length: 10 }, () => takePart(working(end.promise)));
    await until(() => many.every(({ progress }) => progress.length > 0));
    end.resolve('done');
    assert.deepEqual(new Set(await Promise.all(many.map(({ result }) => result))), new Set(['done']));
    assert.equal(begun, 1);
    for (const { progress } of many) {
      assert.deepEqual(progress, [browser]);
    }
    assert.deepEqual(readdirSync(directory.path), []);
  });

  it('tells progress made elsewhere to who wants to tell it apart', async () => {
    const end = Promise.withResolvers<string>();
    const first = takePart(working(end.promise));
    await until(() => begun === 1);
    const elsewhere: SignInEvent[] = [];
    const second = takePart({ onProgressElsewhere: event => elsewhere.push(event) });
    await until(() => elsewhere.length > 0);
    end.resolve('done');
    await Promise.all([first.result, second.result]);
    assert.deepEqual([elsewhere, second.progress], [[browser], []]);
  });

  it('fails for all who wait when it fails, and for nobody who comes later', async () => {
    const end = Promise.withResolvers<string>();
    const first = takePart(working(end.promise));
    await until(() => begun === 1);
    const others = [takePart(), takePart(), takePart()];
    await until(() => others.every(({ progress }) => progress.length > 0));
    end.reject(new AuthError('access_denied', 'The person said no.'));
    for (const { result } of [first, ...others]) {
      await assert.rejects(
        result,
        error => isOmnispindleError(error, 'access_denied') && error.message === 'The person said no.',
      );
    }
    assert.equal(begun, 1);
    await delay(5);
    assert.equal(await takePart(working(Promise.resolve('at the second try'))).result, 'at the second try');
  });

  it('is tried by the next who waits when it fails by a fault of the program', async () => {
    const end = Promise.withResolvers<string>();
    const first = takePart(working(end.promise));
    await until(() => begun === 1);
    const waits: boolean[] = [];
    const second = takePart({
      work: (_onProgress, { waited }) => {
        waits.push(waited);
        return Promise.resolve('by the second');
      },
    });
    await until(() => second.progress.length > 0);
    end.reject(new TypeError('A fault.'));
    await assert.rejects(first.result, TypeError);
    assert.equal(await second.result, 'by the second');
    assert.deepEqual(waits, [true]);
  });

  it('goes on when one who waits stops waiting', async () => {
    const end = Promise.withResolvers<string>();
    const first = takePart(working(end.promise));
    await until(() => begun === 1);
    const stop = new AbortController();
    const second = takePart({ signal: stop.signal });
    await until(() => second.progress.length > 0);
    stop.abort();
    await assert.rejects(second.result, { name: 'AbortError' });
    end.resolve('done');
    assert.equal(await first.result, 'done');
    await assert.rejects(takePart({ signal: stop.signal }).result, { name: 'AbortError' });
  });

  it('is done by one who waits when the process that does it is killed', async () => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [directory.path, 'work']);
    await once(child, 'message');
    const others = Array.from({ length: 3 }, () =>
      takePart({ ...working(Promise.resolve('by another')), staleAfter: 2_000 }),
    );
    await until(() =>
      others.every(({ progress }) => progress.some(event => signInWords(event) === 'Working.')),
    );
    assert.equal(begun, 0);
    child.kill('SIGKILL');
    for (const { result } of others) assert.equal(await result, 'by another');
    assert.equal(begun, 1);
  });

  describe('and that another process is to do', () => {
    /** Has this process stand for another one, which takes part and ends as it is told. */
    const elsewhere = (end: Promise<string | undefined>): Partial<SharedWork<string>> => ({
      begin: () => {
        const atWork = Promise.withResolvers<undefined>();
        const other = takePart({
          work: async onProgress => {
            begun++;
            onProgress(browser);
            atWork.resolve(undefined);
            const result = await end;
            if (result === undefined) throw new TypeError('It was killed.');
            return (done = result);
          },
        });
        const result = other.result.catch((error: unknown) => {
          if (error instanceof TypeError) return undefined;
          throw error;
        });
        return Promise.resolve({ atWork: atWork.promise, result });
      },
    });

    it('[W10] is begun there once, however many want it', async () => {
      const end = Promise.withResolvers<string>();
      const many = Array.from({ length: 20 }, () => takePart(elsewhere(end.promise)));
      await until(() => many.filter(({ progress }) => progress.length > 0).length === 19);
      end.resolve('done elsewhere');
      for (const { result } of many) assert.equal(await result, 'done elsewhere');
      assert.equal(begun, 1);
      assert.deepEqual(readdirSync(directory.path), []);
    });

    it('[W10] fails for all who wait, as it failed there', async () => {
      const end = Promise.withResolvers<string>();
      const first = takePart(elsewhere(end.promise));
      await until(() => begun === 1);
      const second = takePart(elsewhere(end.promise));
      await until(() => second.progress.length > 0);
      end.reject(new AuthError('access_denied', 'The person said no.'));
      for (const { result } of [first, second]) {
        await assert.rejects(result, error => isOmnispindleError(error, 'access_denied'));
      }
      assert.equal(begun, 1);
    });

    it('[W10] is done here where that process ends without a result, or cannot be started', async () => {
      const lost = takePart({
        ...working(Promise.resolve('here')),
        ...elsewhere(Promise.resolve(undefined)),
      });
      assert.equal(await lost.result, 'here');
      assert.equal(begun, 2);
      done = undefined;
      const none = takePart({ ...working(Promise.resolve('here')), begin: () => Promise.resolve(undefined) });
      assert.equal(await none.result, 'here');
      assert.deepEqual(readdirSync(directory.path), []);
    });

    it('[W10] fails with its error where it fails there at once', async () => {
      const denied = new AuthError('access_denied', 'The person said no.');
      let failed = 0;
      const onUnhandled = () => failed++;
      process.prependListener('unhandledRejection', onUnhandled);
      try {
        const result = takePart({
          begin: () => {
            const failure = Promise.reject<string>(denied);
            return Promise.resolve({
              atWork: failure.catch(() => undefined),
              result: failure.then(id => id),
            });
          },
        });
        await assert.rejects(result.result, denied);
        assert.equal(failed, 0);
      } finally {
        process.off('unhandledRejection', onUnhandled);
      }
    });

    it('[W10] is waited for no longer than its caller wants', async () => {
      const stop = new AbortController();
      const end = Promise.withResolvers<string>();
      const first = takePart({ ...elsewhere(end.promise), signal: stop.signal });
      await until(() => begun === 1);
      stop.abort();
      await assert.rejects(first.result, { name: 'AbortError' });
      const second = takePart(elsewhere(end.promise));
      await until(() => second.progress.length > 0);
      end.resolve('done all the same');
      assert.equal(await second.result, 'done all the same');
      assert.equal(begun, 1);
    });
  });

  it('is not disturbed by news that cannot be read', async () => {
    for (const news of ['', '{', '{"at":"now"}', '{"at":1e15,"failure":"no"}']) {
      done = undefined;
      writeFileSync(join(directory.path, 'work.json'), news);
      assert.equal(await takePart(working(Promise.resolve('done'))).result, 'done');
    }
  });

  for (const url of ['file:///etc/passwd', 'ms-msdt:/id', 'javascript:alert(1)', 'http://evil.example/']) {
    it(`[T2] offers nobody an address that is neither https nor on this machine: ${url}`, async () => {
      const release = await tryLock(directory.path, 'work', memoryLog());
      const say = (progress: string, address: string) => {
        const news = JSON.stringify({ at: Date.now(), progress, url: address });
        writeFileSync(join(directory.path, 'work.json'), news);
      };
      say('Open this.', url);
      const waiting = takePart(working(Promise.resolve('done')));
      await delay(500);
      say('Open that.', 'https://example.com/');
      await until(() => waiting.progress.length > 0);
      assert.deepEqual(waiting.progress, [
        { type: 'message', message: 'Open that.', url: 'https://example.com/' },
      ]);
      await release?.();
      assert.equal(await waiting.result, 'done');
    });
  }

  it('says nothing in its news but progress, code and message', async () => {
    const secret = new Error('secret');
    const { result } = takePart({
      work: () => Promise.reject(new AuthError('server_error', 'Try again.', { cause: secret })),
    });
    await assert.rejects(result, { message: 'Try again.' });
    const news = JSON.parse(readFileSync(join(directory.path, 'work.json'), 'utf8')) as object;
    assert.deepEqual({ ...news, at: 0 }, { at: 0, failure: { code: 'server_error', message: 'Try again.' } });
  });
});
