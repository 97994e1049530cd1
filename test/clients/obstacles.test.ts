import assert from 'node:assert/strict';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { json, startOddServer } from '../bridge/remote/oddServer.ts';
import { freePort } from '../freePort.ts';
import type { TenantOptions } from '../tenant/options.ts';
import { sdkClients } from './sdkClients.ts';
import { connect, mcpRemote } from './stdioClients.ts';
import { scopes, startTeam, type Team, type Way } from './team.ts';
import { registeredId, type ClientStart, type TeamClient } from './teamClient.ts';

const others = [...sdkClients, mcpRemote];
const all = [...others, connect];
/** Where no scope is left, the tenant of the tests sends nobody back; those of the first version ask for no other. */
const askingForMore = (clients: readonly TeamClient[]) => clients.filter(({ name }) => !name.endsWith('v1'));

/** What is in the way, as a tenant, and the way that the clients try. */
interface Obstacle {
  readonly way: Way;
  tenant(url: string): TenantOptions;
}

/** Registers mocha hooks that start a team's server behind that obstacle. */
function behind({ way, tenant }: Obstacle) {
  const directory = temporaryDirectory();
  const ports = new Map<TeamClient, number>();
  let team: Team;
  before(async () => {
    for (const client of all) ports.set(client, await freePort());
    const redirectUris = [...ports].map(([client, port]) => client.callback(port));
    team = await startTeam(directory.path, url => ({
      ...(way === 'registered' && { clients: [{ clientId: registeredId, redirectUris }] }),
      ...tenant(url),
    }));
  });
  after(async () => {
    await team.stop();
    directory.remove();
  });
  let homes = 0;
  const home = () => `${directory.path}/home-${String(++homes)}`;
  return {
    get team() {
      return team;
    },
    home,
    tries: (client: TeamClient, more: Partial<ClientStart> = {}) =>
      client.whoAmI({
        url: team.url,
        tenant: { ...team.tenant, audience: team.url },
        way,
        port: ports.get(client) ?? 0,
        home: home(),
        ...more,
      }),
  };
}

describe('a tenant at which no client registers itself', () => {
  const given = behind({ way: 'dynamic', tenant: () => ({}) });

  for (const client of others) {
    it(`is what ${client.name} says is in the way`, async () => {
      await assert.rejects(given.tries(client), /does not support dynamic client registration/);
    });
  }

  it('is nothing to omnispindle connect, which it knows', async () => {
    assert.equal((await given.tries(connect)).sub, 'auth0|ada');
  });
});

describe('a tenant that names where to register, with the switch off', () => {
  const given = behind({ way: 'dynamic', tenant: () => ({ dynamicRegistration: false }) });

  for (const client of others) {
    it(`is what ${client.name} says is in the way`, async () => {
      await assert.rejects(given.tries(client), /Dynamic client registration is not enabled|^ServerError/);
    });
  }
});

describe('a tenant that reads no resource', () => {
  const given = behind({ way: 'registered', tenant: () => ({ resourceParameter: false }) });

  for (const client of askingForMore(others)) {
    it(`has ${client.name} refused, and whoever runs the server told what to do`, async () => {
      await assert.rejects(given.tries(client), /401|[Uu]nauthorized|authentication-needed/);
      assert.match(
        given.team.said(),
        /401: The token is not a JWT for an API.*turn on the Resource Parameter Compatibility Profile/,
      );
    });
  }

  it('is nothing to omnispindle connect, which names the audience', async () => {
    assert.equal((await given.tries(connect)).sub, 'auth0|ada');
  });
});

describe('a tenant whose API has no permissions', () => {
  const given = behind({ way: 'registered', tenant: url => ({ apis: [{ identifier: url, scopes: [] }] }) });

  for (const client of askingForMore(all)) {
    it(`lets ${client.name} in, but to no tool that needs one`, async () => {
      await assert.rejects(
        given.tries(client, { tool: 'list_projects' }),
        client === connect
          ? /needs the scope omnispindle:read.*Sign in again.*ask whoever runs the tenant for this permission/s
          : /403|[Uu]nauthorized/,
      );
    });
  }
});

describe('a person who declines', () => {
  const given = behind({ way: 'registered', tenant: () => ({}) });
  const declined = { error: 'access_denied', error_description: 'User did not authorize the request' };

  // mcp-remote goes on waiting for a minute.
  for (const client of [...sdkClients, connect]) {
    it(`is what ${client.name} tells of`, async () => {
      await assert.rejects(
        given.tries(client, { person: { turnedAway: declined } }),
        client === connect
          ? /refused or cancelled.*Try again/s
          : /access_denied|did not authorize the request/,
      );
    });
  }
});

describe('omnispindle connect with an AUTH0_AUDIENCE that the tenant does not know', () => {
  const given = behind({ way: 'registered', tenant: () => ({}) });

  for (const [what, audience] of [
    ['which is what is there where it is not set', ''],
    ['as that of another tenant', 'https://other.example/'],
  ] as const) {
    it(`says what to correct: ${what}`, async () => {
      const tenant = { ...given.team.tenant, audience };
      await assert.rejects(
        given.tries(connect, { tenant }),
        /knows no API "https:[^"]*"\. Check AUTH0_AUDIENCE/,
      );
    });
  }
});

describe('a tenant without an API of the server’s address', () => {
  const api = { identifier: 'https://other.example/', scopes };
  const given = behind({ way: 'registered', tenant: () => ({ apis: [api] }) });

  it('has omnispindle connect say which identifier it does not know', async () => {
    await assert.rejects(
      given.tries(connect),
      new RegExp(`knows no API "${given.team.url}"\\. Check AUTH0_AUDIENCE`),
    );
  });
});

describe('a server that names another as its resource', () => {
  const given = behind({ way: 'registered', tenant: () => ({}) });
  let server: Awaited<ReturnType<typeof startOddServer>>;
  before(async () => {
    server = await startOddServer(({ path }, response) => {
      if (path.startsWith('/.well-known/oauth-protected-resource')) {
        const metadata = { resource: given.team.url, authorization_servers: [given.team.tenant.issuer] };
        return response.writeHead(200, json).end(JSON.stringify(metadata));
      }
      return response.writeHead(path === '/mcp' ? 401 : 404).end();
    });
  });
  after(() => server.stop());

  for (const client of all) {
    it(`gets no token of ${client.name}`, async () => {
      await assert.rejects(
        given.tries(client, { url: server.url }),
        client === connect ? /is not that server\. No token was sent.*Ask whoever runs/ : /does not match/,
      );
      assert.ok(server.requests.every(({ headers }) => headers.authorization === undefined));
    });
  }
});
