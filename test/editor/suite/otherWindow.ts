import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { callTool, startServer } from './agent.ts';

const file = process.env['OMNISPINDLE_SUITE_WINDOWS'] ?? '';

const actions = { callTool, startServer };
type Actions = typeof actions;

/** Lets the suite, which runs in another window, act in this one. */
export function serveOtherWindow(): void {
  const server = createServer((request, response) => {
    void (async () => {
      const { action, args } = JSON.parse(await text(request)) as {
        action: keyof Actions;
        args: [string, never];
      };
      try {
        response.end(JSON.stringify({ result: await actions[action](...args) }));
      } catch (error) {
        response.end(JSON.stringify({ error: String(error) }));
      }
    })();
  });
  server.listen(0, '127.0.0.1', () => {
    appendFileSync(file, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
  });
}

/** The windows that were opened besides the suite's own, the newest last; also those that are closed again. */
export function otherWindows(): Actions[] {
  const addresses = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return addresses.map(address => ({
    callTool: (...args) => act(address, 'callTool', args) as Promise<string>,
    async startServer(...args) {
      await act(address, 'startServer', args);
    },
  }));
}

async function act(address: string, action: keyof Actions, args: unknown[]): Promise<unknown> {
  const response = await fetch(address, { method: 'POST', body: JSON.stringify({ action, args }) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: string };
  if (error !== undefined) throw new Error(error);
  return result;
}
