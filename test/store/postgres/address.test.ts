import assert from 'node:assert/strict';
import pg from 'pg';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import { checkedAddress } from '../../../src/store/postgres/address.ts';

const secret = 's3cr3t-of-ada';

describe('the address of a team’s database', () => {
  // What the environment says besides does not count here.
  const given = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(given)) if (name.startsWith('PG')) process.env[name] = '';
  });
  after(() => {
    Object.assign(process.env, given);
  });
  const warnings: string[] = [];
  const warned = ({ message }: Error) => warnings.push(message);
  before(() => process.on('warning', warned));
  after(() => process.off('warning', warned));

  /** Where pg would go with it. */
  function target(url: string) {
    const { host, port, user, password, database } = new pg.Client({
      connectionString: checkedAddress(url, 'DATABASE_URL'),
    });
    return { host, port, user, password, database };
  }

  for (const [what, url, expected] of [
    ['is a URL', `postgres://ada:${secret}@db.example:6432/todos`, { host: 'db.example', port: 6432 }],
    [
      'has the other scheme',
      `postgresql://ada:${secret}@db.example/todos`,
      { host: 'db.example', port: 5432 },
    ],
    ['has IPv6', `postgres://ada:${secret}@[2001:db8::1]:6432/todos`, { host: '2001:db8::1', port: 6432 }],
    ['is a socket', `postgres://ada:${secret}@%2Frun%2Fpostgresql/todos`, { host: '/run/postgresql' }],
    [
      'is a socket, as a parameter',
      `postgres://ada:${secret}@/todos?host=/run/postgresql`,
      { host: '/run/postgresql' },
    ],
    ['is on this machine', `postgres://ada:${secret}@/todos`, { host: 'localhost' }],
    [
      'has what other programs read',
      `postgres://ada:${secret}@h/todos?schema=public&pgbouncer=true`,
      { host: 'h' },
    ],
  ] as const) {
    it(`is taken where it ${what}`, () => {
      const found = target(url);
      assert.deepEqual(
        { ...found, ...expected },
        { ...found, user: 'ada', password: secret, database: 'todos' },
      );
    });
  }

  it('has any password, percent-encoded', () => {
    for (const password of [
      'a b',
      '100%',
      'p@ss/w:rd?#',
      "o'hara\\",
      'é字😀',
      '&=+;,$',
      '[x]',
      '%41',
      '..',
    ]) {
      const url = `postgres://ada:${encodeURIComponent(password)}@h/todos`;
      assert.deepEqual(target(url), { host: 'h', port: 5432, user: 'ada', password, database: 'todos' });
    }
  });

  for (const [what, url, says] of [
    ['is of another database', `mysql://ada:${secret}@h/todos`, /is no address of a Postgres database/],
    ['is of another database, too', `mongodb+srv://ada:${secret}@h/todos`, /is no address/],
    ['is of JDBC', `jdbc:postgresql://h/todos?password=${secret}`, /is no address/],
    ['is of SQLAlchemy', `postgresql+asyncpg://ada:${secret}@h/todos`, /is no address/],
    ['is of libpq', `host=h dbname=todos password=${secret}`, /is no address/],
    ['is of the web', `https://ada:${secret}@h/todos`, /is no address/],
    ['is a path', `/run/postgresql ${secret}`, /is no address/],
    ['is a password alone', secret, /is no address/],
    ['has no slashes', `postgres:ada:${secret}@h/todos`, /is no address/],
    ['has a port that is none', `postgres://ada:${secret}@h:x/todos`, /is no address/],
    ['has a port that is too high', `postgres://ada:${secret}@h:99999/todos`, /is no address/],
    ['has a "#" in the password', `postgres://ada:${secret}#x@h/todos`, /is no address/],
    ['has a "/" in the password', `postgres://ada:${secret}/x@h/todos`, /is no address/],
    ['has no database', `postgres://ada:${secret}@h`, /names no database/],
    ['has no database, and a slash', `postgres://ada:${secret}@h:5432/`, /names no database/],
    ['has no database, and a parameter', `postgres://ada:${secret}@h/?sslmode=disable`, /names no database/],
    ['has several hosts', `postgres://ada:${secret}@h1,h2/todos`, /names several hosts/],
    ['has several hosts and ports', `postgres://ada:${secret}@h1:1,h2:2/todos`, /names several hosts/],
    ['has several hosts in a parameter', `postgres://ada:${secret}@/todos?host=h1,h2`, /names several hosts/],
    [
      'has an unknown sslmode',
      `postgres://ada:${secret}@h/todos?sslmode=verify_full`,
      /sslmode=verify_full, which is none of/,
    ],
    ['has no sslmode', `postgres://ada:${secret}@h/todos?sslmode=`, /sslmode=, which is none of/],
    [
      'names a file that is not there',
      `postgres://ada:${secret}@h/todos?sslrootcert=/no/such/ca.pem`,
      /names a file for TLS that cannot be read: \/no\/such\/ca\.pem \(ENOENT\)/,
    ],
  ] as const) {
    it(`is refused where it ${what}, with the variable, and without what it holds`, () => {
      assert.throws(
        () => checkedAddress(url, 'DATABASE_MIGRATION_URL'),
        error => {
          assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
          assert.match(error.message, /^DATABASE_MIGRATION_URL /);
          assert.match(error.message, says);
          assert.ok(!`${error.stack ?? ''} ${String(error.cause)}`.includes(secret));
          return true;
        },
      );
    });
  }

  it('is one of a certificate that is checked, whatever mode with TLS it names, and warns of nothing', async () => {
    const tls = (mode: string) =>
      (
        new pg.Client({
          connectionString: checkedAddress(`postgres://ada@h/todos?sslmode=${mode}`, 'X'),
        }) as unknown as {
          ssl: false | { rejectUnauthorized?: boolean };
        }
      ).ssl;
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
      const ssl = tls(mode);
      assert.ok(ssl && ssl.rejectUnauthorized !== false, mode);
    }
    assert.equal(tls('disable'), false);
    assert.deepEqual(tls('no-verify'), { rejectUnauthorized: false });
    assert.deepEqual(tls('require&uselibpqcompat=true'), { rejectUnauthorized: false });
    // A warning is told in a turn of its own.
    await new Promise(setImmediate);
    assert.deepEqual(warnings, []);
  });
});
