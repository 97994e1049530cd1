// A stdio server in raw JSON lines, as one without an SDK writes them. What it does for a call is in the call's name.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const { exp } = JSON.parse(Buffer.from(process.env.API_TOKEN.split('.')[1], 'base64url').toString());
const heard = line => process.env.HEARD && appendFileSync(process.env.HEARD, `${process.pid} ${line}\n`);
const write = text => new Promise(resolve => process.stdout.write(`${text}\n`, resolve));
const say = message => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
const subscriptionId = 'io.modelcontextprotocol/subscriptionId';
const listens = new Set();

const calls = {
  state: ({ id }) => say({ id, result: { pid: process.pid, good: (exp + 1) * 1_000 > Date.now() } }),
  // Answers with so many bytes.
  big: async ({ id, size }) => {
    process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"text":"`);
    const part = 'x'.repeat(1024 * 1024);
    for (let left = size; left > 0; left -= part.length) {
      if (!process.stdout.write(left < part.length ? part.slice(0, left) : part)) {
        await new Promise(resolve => process.stdout.once('drain', resolve));
      }
    }
    await write('"}}');
  },
  silent: () => undefined,
  // Says so many times 1 MB, and how much of it was taken when nobody took more for two seconds.
  flood: async ({ id, times, file }) => {
    const data = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < times; n++) {
      const stuck = setTimeout(() => writeFileSync(file, String(n)), 2_000);
      await say({ method: 'notifications/message', params: { data } });
      clearTimeout(stuck);
    }
    await say({ id, result: {} });
  },
  // Reads nothing until that file is there.
  deaf: async ({ id, file }) => {
    process.stdin.pause();
    await say({ id, result: {} });
    while (!existsSync(file)) await delay(20);
    process.stdin.resume();
  },
  change: async ({ id }) => {
    for (const listen of listens) {
      await say({
        method: 'notifications/tools/list_changed',
        params: { _meta: { [subscriptionId]: listen } },
      });
    }
    await say({ id, result: { listens: [...listens] } });
  },
  endListen: async ({ id }) => {
    for (const listen of listens) await say({ id: listen, result: { resultType: 'complete' } });
    listens.clear();
    await say({ id, result: {} });
  },
};

async function hear(line) {
  const { id, method, params } = JSON.parse(line.toString());
  heard(`${method} ${JSON.stringify(id)}`);
  if (method === 'initialize') {
    await say({
      id,
      result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'raw' } },
    });
  } else if (method === 'server/discover') {
    await say({
      id,
      result: { resultType: 'complete', supportedVersions: ['2026-07-28'], _meta: params._meta },
    });
  } else if (method === 'subscriptions/listen') {
    listens.add(id);
    const params = { _meta: { [subscriptionId]: id }, notifications: { toolsListChanged: true } };
    await say({ method: 'notifications/subscriptions/acknowledged', params });
  } else if (method === 'notifications/cancelled') listens.delete(params.requestId);
  else if (method === 'echo') {
    await write(`{"id":${JSON.stringify(id)},"result":{"line":${line}},"jsonrpc":"2.0"}`);
  } else if (method === 'size') await say({ id, result: { bytes: line.length } });
  else if (method === 'line') await write(params.line);
  else if (method in calls) await calls[method]({ ...params, id });
}

// A way to end by itself, whatever it does.
process.on('SIGUSR2', () => process.exit(7));

let parts = [];
process.stdin.on('data', chunk => {
  let start = 0;
  for (let end; (end = chunk.indexOf(10, start)) >= 0; start = end + 1) {
    const line = Buffer.concat([...parts, chunk.subarray(start, end)]);
    parts = [];
    void hear(line);
  }
  parts.push(chunk.subarray(start));
});
process.stdin.on('end', () => {
  // A server of this revision says so of each, when it ends.
  for (const id of listens) void say({ method: 'notifications/cancelled', params: { requestId: id } });
  for (const id of listens) void say({ id, result: { resultType: 'complete' } });
  process.exitCode = 0;
});
