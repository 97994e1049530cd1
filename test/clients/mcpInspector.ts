import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inspector } from '../inspector.ts';
import { personAt } from './stdioClients.ts';
import { knownFrom, registeredId, type TeamClient } from './teamClient.ts';

const document = 'https://inspector.example/client.json';
const callback = (port: number) => `http://127.0.0.1:${String(port)}/oauth/callback`;

/** What the Inspector is told of each way. */
const ways = {
  dynamic: [],
  document: ['--client-metadata-url', document],
  registered: ['--client-id', registeredId],
} as const;

/** The MCP Inspector, by its command line; each call is a process of its own. */
export const mcpInspector: TeamClient = {
  name: 'the MCP Inspector',
  ways: ['dynamic', 'document', 'registered'],
  document,
  callback,
  async whoAmI({ url, way, port, home, person, tool = 'whoami' }) {
    const call = ['--method', 'tools/call', '--tool-name', tool, '--format', 'json'];
    const args = [inspector, '--cli', url, ...call, '--callback-url', callback(port), ...ways[way]];
    const env = {
      ...personAt(home, person),
      // It opens none in a process without a terminal.
      MCP_AUTO_OPEN_ENABLED: 'true',
      // There is no keychain.
      MCP_INSPECTOR_SECRET_STORE: 'file',
    };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
    return knownFrom((JSON.parse(stdout) as { result: Record<string, unknown> }).result);
  },
};
