import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { useDirectory } from '../auth/fixtures.ts';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const addTodo = {
  jsonrpc: '2.0',
  id: 2,
  method: 'tools/call',
  params: { name: 'add_todo', arguments: { description: 'Spin', project: 'wool' } },
};

describe('the server on stdio', () => {
  const directory = useDirectory();

  function start() {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'stdioServer.ts'), directory.path]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return {
      child,
      exited,
      said: () => said,
      async ask(request: object): Promise<Record<string, unknown>> {
        child.stdin.write(`${JSON.stringify(request)}\n`);
        const { value } = (await lines.next()) as { value: unknown };
        return JSON.parse(String(value)) as Record<string, unknown>;
      },
    };
  }

  it('[W8] drops a byte order mark before a message', async () => {
    const { child, exited, ask } = start();
    child.stdin.write('\ufeff');
    assert.ok('result' in (await ask(initialize)));
    child.stdin.write('\ufeff');
    assert.ok('result' in (await ask(addTodo)));
    child.stdin.end();
    await exited;
  });

  for (const [name, leave] of [
    ['its client closes stdin', child => child.stdin?.end()],
    ['it gets SIGTERM', child => child.kill('SIGTERM')],
    ['it gets SIGINT', child => child.kill('SIGINT')],
  ] as [string, (child: ReturnType<typeof spawn>) => void][]) {
    it(`says nothing but protocol, closes its store and ends cleanly when ${name}`, async () => {
      const { child, exited, said, ask } = start();
      assert.ok('result' in (await ask(initialize)));
      const added = await ask(addTodo);
      assert.equal(added['id'], 2);
      assert.match(JSON.stringify(added['result']), /Spin/);
      const wal = join(directory.path, 'omnispindle.db-wal');
      assert.ok(existsSync(wal));
      leave(child);
      assert.deepEqual(await exited, [0, null]);
      assert.equal(said(), '');
      assert.ok(!existsSync(wal), 'SQLite removes it when the last connection is closed.');
    });
  }

  it('ends cleanly when nobody reads its answers any more', async () => {
    const { child, exited, said, ask } = start();
    await ask(initialize);
    child.stdout.destroy();
    for (let id = 3; id < 30; id++) {
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' })}\n`);
    }
    child.stdin.on('error', () => undefined);
    assert.deepEqual(await exited, [0, null]);
    assert.equal(said(), '');
  });
});
