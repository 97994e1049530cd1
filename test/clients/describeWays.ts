import assert from 'node:assert/strict';
import { freePort } from '../freePort.ts';
import { describeNeeds, type Need } from '../needs.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { scopes, startTeam, type Team, type Way } from './team.ts';
import { registeredId, type TeamClient } from './teamClient.ts';

const ways: Readonly<Record<Way, string>> = {
  dynamic: 'that registers itself',
  document: 'whose id is the address of its metadata, for whose host the tenant stands in',
  registered: 'that was registered by hand',
};

/**
 * Registers the tests of clients that are given nothing but the address of a team's server.
 * @param needs what the clients need of the machine
 */
export function describeWays(clients: readonly TeamClient[], needs: readonly Need[] = []): void {
  for (const way of Object.keys(ways) as Way[]) {
    describeNeeds(needs, `a client ${ways[way]}, given the address of a team’s server alone`, () => {
      const directory = temporaryDirectory();
      const ports = new Map<TeamClient, number>();
      let team: Team;

      before(async () => {
        for (const client of clients) ports.set(client, await freePort());
        const callbacks = [...ports].map(([client, port]) => client.callback(port));
        const documents: Record<string, Record<string, unknown>> = {};
        for (const client of clients) {
          documents[client.document] = {
            client_id: client.document,
            client_name: client.name,
            application_type: 'native',
            redirect_uris: [client.callback(ports.get(client) ?? 0)],
            grant_types: ['authorization_code', 'refresh_token'],
            response_types: ['code'],
            token_endpoint_auth_method: 'none',
          };
        }
        team = await startTeam(directory.path, () => ({
          ...(way === 'dynamic' && { dynamicRegistration: true }),
          ...(way === 'document' && { metadataDocuments: documents }),
          ...(way === 'registered' && { clients: [{ clientId: registeredId, redirectUris: callbacks }] }),
        }));
      });
      beforeEach(() => {
        team.tenant.resetCounters();
      });
      after(async () => {
        await team.stop();
        directory.remove();
      });

      for (const client of clients.filter(each => each.ways.includes(way))) {
        it(`${client.name} signs in, calls a tool, and does not ask again`, async () => {
          const home = `${directory.path}/${client.name.replaceAll(' ', '-')}`;
          const { url, tenant } = team;
          const start = {
            url,
            tenant: { ...tenant, audience: url },
            way,
            port: ports.get(client) ?? 0,
            home,
          };
          for (const time of ['first', 'second']) {
            const { sub, scopes: given } = await client.whoAmI(start);
            assert.equal(sub, 'auth0|ada', time);
            for (const scope of scopes) assert.ok(given.includes(scope), `${time}: ${given.join(' ')}`);
          }
          const { signIns, pages } = team.tenant.counts();
          assert.equal(signIns, 1);
          assert.equal(team.tenant.counters()['register'], way === 'dynamic' ? 1 : undefined);
          assert.equal(pages['consent'], way === 'registered' ? undefined : 1);
        });
      }
    });
  }
}
