import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { addressVariable } from '../../src/broker/variables.ts';
import { readEnvironment } from '../../src/terminal/environment.ts';
import { failsWith, useDirectory } from '../auth/fixtures.ts';

const fromFile = {
  AUTH0_TOKEN: 'file-token',
  AUTH0_DOMAIN: 'file.example',
  AUTH0_CLIENT_ID: 'file-client',
  AUTH0_AUDIENCE: 'https://file.example/api',
  CALLBACK_PORT: '1111',
  OMNISPINDLE_ACCOUNT: 'file@example.com',
};
const fromEnvironment = {
  AUTH0_TOKEN: 'env-token',
  AUTH0_DOMAIN: 'env.example',
  AUTH0_CLIENT_ID: 'env-client',
  AUTH0_AUDIENCE: 'https://env.example/api',
  CALLBACK_PORT: '2222',
  OMNISPINDLE_ACCOUNT: 'env@example.com',
};
type Name = keyof typeof fromFile;

describe('the settings of the environment', () => {
  const directory = useDirectory();
  const path = () => join(directory.path, 'settings.env');
  const read = (env: Record<string, string> = {}) => readEnvironment({ env, directory: directory.path });
  const readWithFile = (env: Record<string, string> = {}) => read({ OMNISPINDLE_ENV_FILE: path(), ...env });
  const write = (values: Record<string, string>) => {
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    writeFileSync(path(), lines.join('\n'));
  };
  const defaults = { tenant: defaultTenant, callbackPort: 8765 };

  it('are the defaults where nothing is said', async () => {
    assert.deepEqual(await read(), defaults);
  });

  it('are read from a file that is named', async () => {
    write(fromFile);
    const { tenantNotice, ...settings } = await readWithFile();
    assert.deepEqual(settings, {
      tenant: { domain: 'file.example', clientId: 'file-client', audience: 'https://file.example/api' },
      callbackPort: 1111,
      environmentToken: { token: 'file-token', origin: path(), file: path() },
      account: 'file@example.com',
      namedAudience: 'https://file.example/api',
    });
    assert.match(
      tenantNotice?.message ?? '',
      /at file\.example, .*AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_AUDIENCE from \/.*settings\.env\./,
    );
  });

  for (const name of Object.keys(fromFile) as Name[]) {
    it(`go before the file, each by itself: ${name}`, async () => {
      write(fromFile);
      const said = fromEnvironment[name];
      const expected = { ...fromFile, [name]: said };
      const { tenant, callbackPort, environmentToken, account } = await readWithFile({ [name]: ` ${said} ` });
      assert.deepEqual(
        {
          AUTH0_TOKEN: environmentToken?.token,
          AUTH0_DOMAIN: tenant.domain,
          AUTH0_CLIENT_ID: tenant.clientId,
          AUTH0_AUDIENCE: tenant.audience,
          CALLBACK_PORT: String(callbackPort),
          OMNISPINDLE_ACCOUNT: account,
        },
        expected,
      );
      assert.equal(environmentToken?.origin, name === 'AUTH0_TOKEN' ? 'the environment' : path());
      // An empty one says nothing.
      for (const empty of [' ', '""']) {
        assert.deepEqual(await readWithFile({ [name]: empty }), await readWithFile());
      }
    });

    it(`[T9] may have quotes and space around them, in the environment and in the file: ${name}`, async () => {
      for (const value of [`"${fromFile[name]}"`, ` '${fromFile[name]}' `]) {
        const unquoted = await read({ [name]: fromFile[name] });
        assert.deepEqual(await read({ [name]: value }), unquoted);
      }
      write({ [name]: `'"${fromFile[name]}"'` });
      const quoted = await readWithFile();
      write({ [name]: fromFile[name] });
      assert.deepEqual(quoted, await readWithFile());
    });

    for (const value of [
      `\${${name}}`,
      '${env:X}',
      '${input:x}',
      '${user_config.token}',
      `$${name}`,
      '$env:X',
      `%${name}%`,
      '<your-value>',
      '{{value}}',
      '{env:X}',
      '$(pass show x)',
      'your_token_here',
      'undefined',
      'null',
      `prefix-\${${name}}`,
    ]) {
      it(`[T9] say by name that nobody filled in a placeholder: ${name}=${value}`, async () => {
        await failsWith(
          read({ [name]: value }),
          'invalid_settings',
          new RegExp(`^${name} .*placeholder that nobody filled in`),
        );
        write({ [name]: `'${value}'` });
        const { message } = await readWithFile().then(
          () => assert.fail('It was taken.'),
          (error: unknown) => error as Error,
        );
        assert.ok(message.startsWith(`${path()}: ${name} `), message);
        assert.equal(message.includes(value), name !== 'AUTH0_TOKEN', message);
      });
    }
  }

  it('[T9] are refused where they hold a control character', async () => {
    for (const value of ['a\nb', 'a\0b', 'a\u001b[31mb']) {
      await failsWith(read({ AUTH0_CLIENT_ID: value }), 'invalid_settings', /^AUTH0_CLIENT_ID .*control/);
    }
  });

  it('[T9] take a token as people copy it from a header, and no placeholder behind the scheme', async () => {
    assert.equal((await read({ AUTH0_TOKEN: '"Bearer a.b.c"' })).environmentToken?.token, 'a.b.c');
    await failsWith(read({ AUTH0_TOKEN: 'Bearer $AUTH0_TOKEN' }), 'invalid_settings', /placeholder/);
  });

  for (const [name, value, message] of [
    ['CALLBACK_PORT', 'many', 'CALLBACK_PORT is "many"'],
    ['AUTH0_DOMAIN', 'https://api.example/v2', 'The Auth0 domain "https://api.example/v2" is not a host'],
  ] as const) {
    it(`that are wrong are refused, with where they were found: ${name}`, async () => {
      const startsWith = (start: string) => new RegExp(`^${start.replaceAll(/[./]/g, '\\$&')}`);
      write({ [name]: value });
      await failsWith(readWithFile(), 'invalid_settings', startsWith(`${path()}: ${message}`));
      await failsWith(readWithFile({ [name]: value }), 'invalid_settings', startsWith(message));
      assert.ok(await readWithFile({ [name]: fromEnvironment[name] }));
    });
  }

  it('[T1] are those of the environment alone in a server that an editor started', async () => {
    write(fromFile);
    writeFileSync(join(directory.path, '.env'), 'AUTH0_DOMAIN=evil.example\n');
    assert.deepEqual(await readWithFile({ [addressVariable]: '/tmp/broker.sock' }), defaults);
  });

  it('[T9] are not read at all where OMNISPINDLE_DATA_DIR is wrong', async () => {
    await failsWith(read({ OMNISPINDLE_DATA_DIR: 'data' }), 'invalid_settings', /^OMNISPINDLE_DATA_DIR /);
  });

  it('are found between lines that mean nothing', async () => {
    writeFileSync(path(), '\0\u0001 = \n=\nnonsense\n  export CALLBACK_PORT = 1234 # mine\nAUTH0_TOKEN');
    assert.equal((await readWithFile()).callbackPort, 1234);
  });
});
