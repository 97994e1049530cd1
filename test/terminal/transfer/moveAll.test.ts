import assert from 'node:assert/strict';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import type { StoreRecord } from '../../../src/store/transfer/records.ts';
import type { Batch } from '../../../src/terminal/transfer/batches.ts';
import { moveAll } from '../../../src/terminal/transfer/moveAll.ts';

const lesson = (n: number): StoreRecord => ({
  type: 'lesson',
  id: `id ${String(n)}`,
  language: 'SQL',
  topic: 'Spin',
  lesson_learned: '',
  tags: [],
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
});

/** A server that keeps what it gets, but for as many batches as it forgets. */
function createServer(forgets = 0) {
  const kept = new Map<string, StoreRecord>();
  let batches = 0;
  return {
    kept,
    async send({ records }: Batch) {
      const added = records.filter(({ id }) => !kept.has(id)).length;
      if (++batches > forgets) for (const record of records) kept.set(record.id, record);
      return { added, same: records.length - added, newer: 0, older: 0 };
    },
  };
}

/** What somebody adds to while it is moved: one record before each of so many passes but the first. */
function growing(passes: number) {
  let pass = 0;
  return async function* records(): AsyncGenerator<StoreRecord> {
    const count = 1 + Math.min(pass++, passes);
    for (let n = 0; n < count; n++) yield lesson(n);
  };
}

const step = async () => undefined;

describe('moving all records', () => {
  it('goes on while more is added, until all of it is there', async () => {
    for (const passes of [0, 1, 3, 8, 18]) {
      const server = createServer();
      const moved = await moveAll({ records: growing(passes), send: server.send, step });
      assert.equal(server.kept.size, passes + 1);
      assert.deepEqual(moved.types, { todo: 0, lesson: passes + 1, log: 0 });
      assert.deepEqual(moved.counts, { added: 1, same: 0, newer: 0, older: 0 });
    }
  });

  it('ends where that never ends, and says why', async () => {
    const server = createServer();
    await assert.rejects(
      moveAll({ records: growing(Infinity), send: server.send, step }),
      error =>
        isOmnispindleError(error, 'busy') && /again and again while they were moved/.test(error.message),
    );
    assert.equal(server.kept.size, 20);
  });

  it('tells a server that keeps nothing from one that keeps it late', async () => {
    await moveAll({ records: growing(0), send: createServer(2).send, step });
    await assert.rejects(
      moveAll({ records: growing(0), send: createServer(Infinity).send, step }),
      error => isOmnispindleError(error, 'server_error') && /does not have it/.test(error.message),
    );
  });

  it('stops at a step that throws, as Ctrl-C has it', async () => {
    const server = createServer();
    const stopped = new Error('Stopped.');
    const stop = async () => {
      throw stopped;
    };
    await assert.rejects(moveAll({ records: growing(0), send: server.send, step: stop }), stopped);
    assert.equal(server.kept.size, 1);
  });
});
