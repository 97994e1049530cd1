import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { addressGroup, clientAddress } from '../../../../src/server/http/limits/clientAddress.ts';
import { memoryLimit, type RateLimit } from '../../../../src/server/http/limits/rateLimit.ts';
import { addressRate, parseRate } from '../../../../src/server/http/limits/rateSetting.ts';
import { sharedLimit, type Queries } from '../../../../src/server/http/limits/sharedLimit.ts';
import { tooManyRequests } from '../../../../src/server/http/limits/tooMany.ts';

const rate = { points: 40, seconds: 60 };

/** Answers as the table does, with the statement of rate-limiter-flexible. */
function countsInMemory() {
  const rows = new Map<string, { points: number; expire: number }>();
  const counts = { asked: 0, isDown: false, hangs: false, rows };
  const queries: Queries = {
    async query({ text, values = [] }) {
      counts.asked++;
      if (counts.isDown) throw new Error('connect ECONNREFUSED');
      if (counts.hangs) return new Promise(() => undefined);
      assert.match(text, /INSERT INTO "counts" VALUES/);
      const [key, points, expire, now] = values as [string, number, number, number];
      const row = rows.get(key);
      const next = row && row.expire > now ? { ...row, points: row.points + points } : { points, expire };
      rows.set(key, next);
      return { rows: [{ points: next.points, expire: String(next.expire) }], rowCount: 1 };
    },
  };
  return Object.assign(counts, { queries });
}

const replica = (queries: Queries, pause?: number): RateLimit =>
  sharedLimit(rate, { queries, table: 'counts', timeLimit: 30, ...(pause !== undefined && { pause }) });

async function allowed(limit: RateLimit, times: number, key = 'ada'): Promise<number> {
  const verdicts = await Promise.all(Array.from({ length: times }, () => limit.take(key)));
  return verdicts.filter(({ isAllowed }) => isAllowed).length;
}

describe('a limit of requests', () => {
  it('lets in as many as its rate says, and says when the next one may come', async () => {
    const limit = memoryLimit(rate);
    const first = await limit.take('ada');
    assert.deepEqual([first.isAllowed, first.remaining], [true, 39]);
    assert.equal(await allowed(limit, 100), 39);
    const { isAllowed, remaining, resetAfter } = await limit.take('ada');
    assert.deepEqual([isAllowed, remaining], [false, 0]);
    assert.ok(resetAfter > 0 && resetAfter <= 60_000, String(resetAfter));
    assert.equal(await allowed(limit, 3, 'bob'), 3);
  });

  it('is one for all replicas, whatever the turns they take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 60, maxLength: 160 }), async turns => {
        const { queries } = countsInMemory();
        const replicas = Array.from({ length: 4 }, () => replica(queries));
        let total = 0;
        for (const turn of turns) total += await allowed(replicas[turn]!, 1);
        // What the others hold of the window is let in only by them.
        assert.ok(total <= rate.points, String(total));
        for (const each of replicas) total += await allowed(each, rate.points);
        assert.equal(total, rate.points);
      }),
      { numRuns: 50 },
    );
  });

  it('is one for all replicas, also where all is asked at once', async () => {
    const { queries } = countsInMemory();
    const replicas = Array.from({ length: 3 }, () => replica(queries));
    const totals = await Promise.all(replicas.map(each => allowed(each, 100)));
    assert.equal(
      totals.reduce((sum, each) => sum + each),
      rate.points,
    );
  });

  it('asks the database for few of the requests, and for none once it is over', async () => {
    const counts = countsInMemory();
    const limit = replica(counts.queries);
    await allowed(limit, rate.points);
    assert.equal(counts.asked, 20);
    assert.equal(await allowed(limit, 50), 0);
    assert.equal(counts.asked, 20);
  });

  it('begins again in the next window', async () => {
    const counts = countsInMemory();
    const limit = sharedLimit({ points: 2, seconds: 1 }, { queries: counts.queries, table: 'counts' });
    assert.equal(await allowed(limit, 5), 2);
    const { resetAfter } = await limit.take('ada');
    await new Promise(resolve => setTimeout(resolve, resetAfter + 5));
    assert.equal(await allowed(limit, 5), 2);
  });

  for (const way of ['isDown', 'hangs'] as const) {
    it(`is counted by this process alone while the database ${way === 'isDown' ? 'is down' : 'does not answer'}`, async () => {
      const counts = countsInMemory();
      counts[way] = true;
      const limit = replica(counts.queries);
      assert.equal(await allowed(limit, 100), rate.points);
      // One had to wait; the others did not ask.
      assert.equal(counts.asked, 1);
    });
  }

  it('is shared again once the database answers', async () => {
    const counts = countsInMemory();
    counts.isDown = true;
    const limit = replica(counts.queries, 0);
    await allowed(limit, 1);
    counts.isDown = false;
    await allowed(limit, 1, 'bob');
    assert.deepEqual([...counts.rows.keys()], ['account:bob']);
  });

  it('asks for no more at a time than it may, and counts the others alone', async () => {
    const counts = countsInMemory();
    let [now, most] = [0, 0];
    const { promise: answered, resolve } = Promise.withResolvers<undefined>();
    const queries: Queries = {
      async query(query) {
        most = Math.max(most, ++now);
        await answered;
        now--;
        return counts.queries.query(query);
      },
    };
    const limit = sharedLimit(
      { points: 2, seconds: 60 },
      { queries, table: 'counts', timeLimit: 60_000 },
      { what: 'address', mostAsked: 3 },
    );
    const keys = Array.from({ length: 50 }, (_, i) => String(i));
    const first = keys.map(key => limit.take(key));
    // All but three are answered while the database is not.
    assert.deepEqual(
      [...new Set((await Promise.all(first.slice(3))).map(({ isAllowed }) => isAllowed))],
      [true],
    );
    assert.equal(await allowed(limit, 9, '49'), 1);
    resolve(undefined);
    await Promise.all(first);
    assert.equal(most, 3);
    assert.deepEqual([...counts.rows.keys()], ['address:0', 'address:1', 'address:2']);
    await limit.take('another');
    assert.ok(counts.rows.has('address:another'));
  });

  it('forgets those whose time is over', async () => {
    const counts = countsInMemory();
    const limit = sharedLimit({ points: 1, seconds: 1 }, { queries: counts.queries, table: 'counts' });
    for (let i = 0; i < 3_000; i++) await limit.take(String(i));
    assert.equal(await allowed(limit, 1, 'ada'), 1);
  });

  it('answers 429, with the time to wait', async () => {
    const response = tooManyRequests(rate, { isAllowed: false, remaining: 0, resetAfter: 12_300 });
    assert.equal(response.status, 429);
    const { headers } = response;
    assert.equal(headers.get('retry-after'), '13');
    assert.equal(headers.get('ratelimit-limit'), '40');
    assert.equal(headers.get('ratelimit-remaining'), '0');
    assert.equal(headers.get('ratelimit-reset'), '13');
    assert.equal(headers.get('ratelimit-policy'), '40;w=60');
    assert.match(JSON.stringify(await response.json()), /rate_limited.*13 seconds/);
  });

  it('is set as a number of requests and of seconds', () => {
    assert.deepEqual(parseRate('A', undefined, addressRate), addressRate);
    assert.deepEqual(parseRate('A', ' ', addressRate), addressRate);
    assert.deepEqual(parseRate('A', ' 5/1 ', addressRate), { points: 5, seconds: 1 });
    assert.equal(parseRate('A', 'OFF', addressRate), undefined);
    for (const wrong of ['0/60', '5', '5/0', '-1/60', '5/60/1', '1.5/60', '9999999/60', '5/99999', 'on']) {
      assert.throws(() => parseRate('OMNISPINDLE_RATE_LIMIT', wrong, addressRate), {
        code: 'invalid_settings',
        message: /OMNISPINDLE_RATE_LIMIT.*120\/60/,
      });
    }
  });
});

describe('the address of a request', () => {
  it('is that of the connection where no proxy was named, whatever a header says', () => {
    assert.equal(clientAddress('192.0.2.1', '203.0.113.9', 0), '192.0.2.1');
    assert.equal(clientAddress('::ffff:192.0.2.1', null, 0), '192.0.2.1');
    assert.equal(clientAddress(undefined, null, 0), '');
  });

  it('is what the outermost of the named proxies has seen', () => {
    const header = '1.1.1.1, 203.0.113.9, 10.0.0.2';
    assert.equal(clientAddress('10.0.0.1', header, 1), '10.0.0.2');
    assert.equal(clientAddress('10.0.0.1', header, 2), '203.0.113.9');
    assert.equal(clientAddress('10.0.0.1', '203.0.113.9', 2), '203.0.113.9');
    assert.equal(clientAddress('10.0.0.1', '[2001:DB8::1]:443', 1), '2001:db8::1');
    assert.equal(clientAddress('10.0.0.1', '203.0.113.9:1234', 1), '203.0.113.9');
  });

  it('is the last one that can be believed where a header is no list of addresses', () => {
    assert.equal(clientAddress('10.0.0.1', 'unknown', 1), '10.0.0.1');
    assert.equal(clientAddress('10.0.0.1', 'x, 10.0.0.2', 2), '10.0.0.2');
    assert.equal(clientAddress('10.0.0.1', '', 1), '10.0.0.1');
    assert.equal(clientAddress('10.0.0.1', '1,'.repeat(100_000), 3), '10.0.0.1');
  });

  it('counts for its network, and for one of a limited number of groups', () => {
    const same = ['2001:db8:1:2::1', '2001:0db8:1:2:ffff:1:2:3', '2001:db8:1:2:0:0:0:9'].map(addressGroup);
    assert.equal(new Set(same).size, 1);
    assert.notEqual(addressGroup('2001:db8:1:3::1'), same[0]);
    assert.notEqual(addressGroup('192.0.2.1'), addressGroup('192.0.2.2'));
    fc.assert(fc.property(fc.ipV6(), text => Number(addressGroup(text)) < 65_536));
    fc.assert(fc.property(fc.string(), text => Number(addressGroup(text)) < 65_536));
  });
});
