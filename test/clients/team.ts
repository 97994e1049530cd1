import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cli } from '../bundle.ts';
import { freePort } from '../freePort.ts';
import type { TenantOptions } from '../tenant/options.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';

/** How a program becomes a client of the tenant: by itself, by the document that its id is the address of, or by hand. */
export type Way = 'dynamic' | 'document' | 'registered';

/** A team's server, and the tenant that it trusts. */
export interface Team {
  /** All that a client is given. */
  readonly url: string;
  readonly tenant: DemoTenant;
  /** What the server's log says so far. */
  said(): string;
  stop(): Promise<void>;
}

export const scopes = ['omnispindle:read', 'omnispindle:write'];

/**
 * Starts `omnispindle serve --http` as its operator does, with the address as the API's identifier, and a tenant set up
 * as docs/team-tenant.md says.
 * @param directory where the server keeps its data
 * @param different how the tenant differs, given the server's address
 * @param flags further ones of the command
 */
export async function startTeam(
  directory: string,
  different: (url: string) => TenantOptions,
  flags: readonly string[] = [],
): Promise<Team> {
  const port = String(await freePort());
  const url = `http://localhost:${port}/mcp`;
  const tenant = await startTenant({
    apis: [{ identifier: url, scopes }],
    thirdPartyDefaults: [{ audience: url, scopes }],
    ...different(url),
  });
  const server = spawn(process.execPath, [cli, 'serve', '--http', '--port', port, ...flags], {
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      OMNISPINDLE_DATA_DIR: `${directory}/server`,
      AUTH0_DOMAIN: tenant.domain,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  const listens = new Promise<boolean>(resolve => {
    lines.on('line', line => {
      said.push(line);
      if (line.includes(url)) resolve(true);
    });
    lines.once('close', () => {
      resolve(false);
    });
  });
  if (!(await listens)) throw new Error(`The server does not listen: ${said.join('\n')}`);
  return {
    url,
    tenant,
    said: () => said.join('\n'),
    async stop() {
      server.kill();
      await ended;
      await tenant.close();
    },
  };
}
