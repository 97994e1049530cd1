import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OmnispindleError } from '../../src/common/errors.ts';
import { readServerSettings } from '../../src/terminal/serverSettings.ts';
import { useServerFile } from '../../src/terminal/serverFile.ts';
import { teamVariables } from '../../src/terminal/teamVariables.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { itNeeds } from '../needs.ts';

const secret = 's3cr3t-of-ada';
const url = `postgres://requests:${secret}@db/omnispindle`;
const migrationUrl = `postgres://owner:${secret}@db/omnispindle`;

describe('the file that --env-file names, for a team’s server', () => {
  const temporary = temporaryDirectory();
  after(() => temporary.remove());
  const path = join(temporary.path, 'server.env');
  const write = (settings: Readonly<Record<string, string>>, to = path) => {
    const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
    writeFileSync(to, lines.join(''), { mode: 0o600 });
  };
  const home = { HOME: temporary.path };

  it('sets all that can be set of it', async () => {
    write({
      AUTH0_DOMAIN: 'example.eu.auth0.com',
      AUTH0_CLIENT_ID: 'a-client',
      AUTH0_AUDIENCE: 'https://todos.example.com/',
      AUTH0_ORGANIZATION: 'org_wool',
      DATABASE_URL: url,
      DATABASE_MIGRATION_URL: migrationUrl,
      OMNISPINDLE_HOST: '127.0.0.2',
      OMNISPINDLE_PORT: '9000',
      OMNISPINDLE_URL: 'https://todos.example.com',
      OMNISPINDLE_BEHIND_PROXY: '1',
      OMNISPINDLE_ALLOWED_HOSTS: 'a.example, b.example',
      OMNISPINDLE_ALLOWED_ORIGINS: 'https://a.example',
      OMNISPINDLE_STOP_TIMEOUT: '7',
      OMNISPINDLE_STOP_DELAY: '3',
      OMNISPINDLE_MAX_CALLS: '5',
      OMNISPINDLE_MAX_CALLS_PER_ACCOUNT: '2',
      OMNISPINDLE_MAX_BODY_BYTES: '2048',
      OMNISPINDLE_RATE_LIMIT: '10/20',
      OMNISPINDLE_ADDRESS_RATE_LIMIT: 'off',
      OMNISPINDLE_TRUSTED_PROXIES: '2',
      OMNISPINDLE_METRICS_PORT: '9464',
      OMNISPINDLE_METRICS_HOST: '127.0.0.3',
      OMNISPINDLE_TOOL_LOADOUT: 'minimal',
      OMNISPINDLE_DATA_DIR: join(temporary.path, 'data'),
      OMNISPINDLE_DEBUG: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    });
    const env: NodeJS.ProcessEnv = { ...home };
    const { tenant, http, explain: _explain, ...rest } = await readServerSettings({ envFile: path }, env);
    assert.deepEqual(
      [tenant.domain, tenant.clientId, tenant.audience, tenant.organization],
      ['example.eu.auth0.com', 'a-client', 'https://todos.example.com/', 'org_wool'],
    );
    assert.deepEqual(http, {
      host: '127.0.0.2',
      port: 9000,
      publicUrl: new URL('https://todos.example.com'),
      allowedHosts: ['a.example', 'b.example'],
      allowedOrigins: ['https://a.example'],
      stopLimit: 7_000,
      stopDelay: 3_000,
      calls: 5,
      callsPerAccount: 2,
      bodyBytes: 2_048,
    });
    assert.deepEqual(rest, {
      operations: {
        metrics: { port: 9464, host: '127.0.0.3' },
        accountRate: { points: 10, seconds: 20 },
        addressRate: undefined,
        proxies: 2,
      },
      database: { url, migrationUrl },
      namedAudience: 'https://todos.example.com/',
      loadout: 'minimal',
      isDetailed: true,
      notices: [],
    });
    // What reads the environment by itself: OpenTelemetry, and whatever asks for the data directory.
    assert.equal(env['OTEL_EXPORTER_OTLP_ENDPOINT'], 'http://127.0.0.1:4318');
    assert.equal(env['OMNISPINDLE_DATA_DIR'], join(temporary.path, 'data'));
    assert.equal(env['AUTH0_DOMAIN'], undefined);
  });

  it('is named by a variable, too, and comes after options and the environment', async () => {
    write({
      OMNISPINDLE_PORT: '9000',
      OMNISPINDLE_HOST: '127.0.0.2',
      OMNISPINDLE_MAX_CALLS: '5',
      DATABASE_URL: url,
      OTEL_SERVICE_NAME: 'file',
    });
    const other = join(temporary.path, 'url');
    writeFileSync(other, migrationUrl);
    const env: NodeJS.ProcessEnv = {
      ...home,
      OMNISPINDLE_ENV_FILE: path,
      OMNISPINDLE_PORT: '9001',
      OMNISPINDLE_HOST: '127.0.0.3',
      OMNISPINDLE_MAX_CALLS: '',
      DATABASE_URL_FILE: other,
      OTEL_SERVICE_NAME: 'environment',
    };
    const { http, database } = await readServerSettings({ port: '9002' }, env);
    assert.deepEqual([http.port, http.host, http.calls], [9002, '127.0.0.3', 5]);
    // One address that is in the environment as a file, and in this file as a value, is not set twice.
    assert.deepEqual(database, { url: migrationUrl });
    assert.equal(env['OTEL_SERVICE_NAME'], 'environment');
  });

  const wrong: Record<string, string> = {
    ...Object.fromEntries(teamVariables.map(name => [name, '${NOBODY_FILLED_THIS_IN}'])),
    OMNISPINDLE_TOOL_LOADOUT: '${NOBODY_FILLED_THIS_IN}',
    OMNISPINDLE_DATA_DIR: 'relative/path',
    DATABASE_URL: `postgres://requests:\${${secret}}@db/omnispindle`,
    DATABASE_URL_FILE: '/nowhere/at/all',
    DATABASE_MIGRATION_URL: migrationUrl,
    AUTH0_DOMAIN: '${NOBODY_FILLED_THIS_IN}',
    AUTH0_AUDIENCE: '${NOBODY_FILLED_THIS_IN}',
    AUTH0_ORGANIZATION: '${NOBODY_FILLED_THIS_IN}',
  };
  const refuses = (settings: Record<string, string>, names: string) =>
    assert.rejects(readServerSettings({ envFile: path }, { ...home }), (error: OmnispindleError) => {
      assert.equal(error.code, 'invalid_settings');
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      assert.match(error.message, new RegExp(`\\b${names}\\b`), JSON.stringify(settings));
      assert.ok(!error.message.includes(secret), error.message);
      return true;
    });
  for (const [name, value] of Object.entries(wrong)) {
    it(`is named where it has a wrong ${name}, which is no more of a secret's than its name`, async () => {
      write({ [name]: value });
      await refuses({ [name]: value }, name);
    });
  }

  it('is named where a value cannot be, of every kind', async () => {
    for (const [name, value] of [
      ['OMNISPINDLE_PORT', '80.5'],
      ['OMNISPINDLE_STOP_DELAY', '601'],
      ['OMNISPINDLE_URL', 'https://todos.example.com/else'],
      ['OMNISPINDLE_ALLOWED_HOSTS', 'a.example https://b.example'],
      ['OMNISPINDLE_ALLOWED_ORIGINS', 'b.example'],
      ['OMNISPINDLE_RATE_LIMIT', 'often'],
      ['OMNISPINDLE_METRICS_PORT', '0'],
    ] as const) {
      write({ [name]: value });
      await refuses({ [name]: value }, name);
    }
    // What is wrong in the environment is not in the file.
    write({ OMNISPINDLE_PORT: '9000' });
    await assert.rejects(
      readServerSettings({ envFile: path }, { ...home, OMNISPINDLE_MAX_CALLS: 'many' }),
      /^OmnispindleError: OMNISPINDLE_MAX_CALLS|^Error: OMNISPINDLE_MAX_CALLS/,
    );
  });

  it('says what in it does not count, because it is read before', async () => {
    write({ HTTPS_PROXY: 'http://proxy:3128', NODE_EXTRA_CA_CERTS: '/ca.pem', POSTGRES_PASSWORD: secret });
    const { notices } = await readServerSettings({ envFile: path }, { ...home });
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /server\.env sets HTTPS_PROXY, NODE_EXTRA_CA_CERTS, which counts in/);
    const env = { ...home, HTTPS_PROXY: 'http://proxy:3128', NODE_EXTRA_CA_CERTS: '/ca.pem' };
    assert.deepEqual((await readServerSettings({ envFile: path }, env)).notices, []);
  });

  it('is not a .env of the working directory, whose settings nobody uses without a word', async () => {
    const here = join(temporary.path, 'project');
    mkdirSync(here);
    write({ DATABASE_URL: url, OMNISPINDLE_PORT: '9000', OTHER: 'x' }, join(here, '.env'));
    const env: NodeJS.ProcessEnv = { ...home };
    const { notices } = await useServerFile(undefined, env, here);
    assert.deepEqual(env, home);
    assert.equal(notices.length, 1);
    assert.match(
      notices[0] ?? '',
      /\.env sets DATABASE_URL, OMNISPINDLE_PORT, which does not count.*--env-file/,
    );
    assert.ok(!notices.join('').includes(secret));
    write({ OTHER: 'x' }, join(here, '.env'));
    assert.deepEqual((await useServerFile(undefined, env, here)).notices, []);
    write({ AUTH0_DOMAIN: 'example.eu.auth0.com' }, join(here, '.env'));
    assert.match((await useServerFile(undefined, env, here)).notices.join(), /omnispindle trust/);
  });

  itNeeds(['a POSIX system'], 'is refused where every user of the machine may write to it', async () => {
    write({ OMNISPINDLE_PORT: '9000' });
    for (const mode of [0o602, 0o666, 0o777]) {
      chmodSync(path, mode);
      const env: NodeJS.ProcessEnv = { ...home };
      await assert.rejects(useServerFile(path, env), /server\.env.*chmod o-w/);
      assert.deepEqual(env, home);
    }
    for (const mode of [0o600, 0o644, 0o664]) {
      chmodSync(path, mode);
      await useServerFile(path, { ...home });
    }
    chmodSync(path, 0o600);
  });
});
