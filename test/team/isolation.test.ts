import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createVerifier } from '../../src/auth/verify.ts';
import { createHttpApp, type HttpServerApp } from '../../src/server/http/app.ts';
import { openPostgresStore } from '../../src/store/databaseStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Store } from '../../src/store/store.ts';
import { memoryLog, temporaryDirectory } from '../auth/fixtures.ts';
import { startPostgres } from '../postgres.ts';
import { useTenant } from '../tenant/useTenant.ts';
import { connectCaller, type Caller } from './caller.ts';
import { createPerson } from './person.ts';
import { anyStep } from './steps.ts';
import { appOptions } from '../server/http/appOptions.ts';

const publicUrl = new URL('https://todos.example.com');
const audience = 'https://todos.example.com/mcp';
const scope = 'omnispindle:read omnispindle:write';
const people = 4;
/** What each of a few people does, one thing after the other; all work at the same time. */
const days = fc.array(fc.array(anyStep, { maxLength: 40, size: 'max' }), {
  minLength: people,
  maxLength: people,
});

/** Opens a store as a replica does. */
type Open = () => Promise<Store>;

const kinds: Record<string, () => Promise<{ open: Open; end: () => Promise<void> }>> = {
  async Postgres() {
    const postgres = await startPostgres();
    const { databaseUrl: url, migrationUrl } = postgres;
    return {
      open: () => openPostgresStore({ url, migrationUrl, log: memoryLog(), poolSize: 4 }),
      end: async () => {
        await postgres[Symbol.asyncDispose]();
      },
    };
  },
  async SQLite() {
    const directory = temporaryDirectory();
    return {
      open: () => openSqliteStore(directory.path),
      end: async () => {
        directory.remove();
      },
    };
  },
};

for (const [kind, begin] of Object.entries(kinds)) {
  describe(`two replicas of a team's server on one database (${kind})`, function () {
    const given = useTenant({ apis: [{ identifier: audience, scopes: scope.split(' ') }] });
    let database: Awaited<ReturnType<typeof begin>>;
    let stores: Store[];
    let apps: HttpServerApp[];

    before(async () => {
      database = await begin();
      stores = await Promise.all([database.open(), database.open()]);
      apps = stores.map(store => {
        const { domain, clientId, issuer } = given.tenant;
        return createHttpApp({
          verify: createVerifier({ domain, clientId, audience }),
          issuer,
          resource: audience,
          publicUrl,
          ...appOptions,
          store: caller => Promise.resolve(store.of(caller)),
          log: memoryLog(),
        });
      });
    });
    after(async () => {
      await Promise.all(stores.map(store => store.close()));
      await database.end();
    });

    /** A client of either era, whose requests go to the replicas in turn, as behind a balancer. */
    async function connect(sub: string, index: number): Promise<Caller> {
      const token = await given.tenant.sign({ sub, aud: audience, scope });
      let turn = index;
      return connectCaller({
        url: audience,
        token: () => Promise.resolve(token),
        era: index % 2 === 0 ? '2026' : '2025',
        fetch: (url, init) => apps[turn++ % apps.length]!.fetch(hosted(url, init)),
      });
    }

    it('answer each person with their own todos alone, whatever people call', async () => {
      const property = fc.asyncProperty(days, async scripts => {
        const subs = scripts.map(() => `auth0|${randomUUID()}`);
        const callers = await Promise.all(subs.map(connect));
        const everybody = callers.map(({ call }) => createPerson(() => call));
        await Promise.all(
          everybody.map(async (person, index) => {
            const others = everybody.filter(other => other !== person);
            for (const step of scripts[index] ?? []) await person.take(step, others);
            await person.readBack();
          }),
        );
        await Promise.all(callers.map(caller => caller.close()));
        assert.deepEqual(
          everybody.flatMap(person => person.complaints),
          [],
        );
      });
      await fc.assert(property, { numRuns: 10 });
    });
  });
}

/** A request as it comes from the network: it says by which name it came. */
function hosted(url: string | URL, init?: RequestInit): Request {
  const headers = new Headers(init?.headers);
  headers.set('host', publicUrl.host);
  return new Request(url, { ...init, headers });
}
