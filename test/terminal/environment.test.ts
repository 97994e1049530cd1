import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAuthError } from '../../src/auth/errors.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { addressVariable } from '../../src/broker/protocol.ts';
import { readEnvironment } from '../../src/terminal/environment.ts';
import { useDirectory } from '../auth/fixtures.ts';

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

describe('the settings of the environment', () => {
  const directory = useDirectory();
  const path = () => join(directory.path, '.env');
  const read = (env: Record<string, string> = {}) => readEnvironment(env, directory.path);
  const write = (values: Record<string, string>) => {
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    writeFileSync(path(), lines.join('\n'));
  };

  it('are the defaults where nothing is said', () => {
    assert.deepEqual(read(), { tenant: defaultTenant, callbackPort: 8765 });
  });

  it('are read from .env', () => {
    write(fromFile);
    assert.deepEqual(read(), {
      tenant: { domain: 'file.example', clientId: 'file-client', audience: 'https://file.example/api' },
      callbackPort: 1111,
      ownToken: { token: 'file-token', origin: path() },
      account: 'file@example.com',
    });
  });

  for (const name of Object.keys(fromFile) as (keyof typeof fromFile)[]) {
    it(`go before .env, each by itself: ${name}`, () => {
      write(fromFile);
      const said = fromEnvironment[name];
      const expected = { ...fromFile, [name]: said };
      const { tenant, callbackPort, ownToken, account } = read({ [name]: ` ${said} ` });
      assert.deepEqual(
        {
          AUTH0_TOKEN: ownToken?.token,
          AUTH0_DOMAIN: tenant.domain,
          AUTH0_CLIENT_ID: tenant.clientId,
          AUTH0_AUDIENCE: tenant.audience,
          CALLBACK_PORT: String(callbackPort),
          OMNISPINDLE_ACCOUNT: account,
        },
        expected,
      );
      assert.equal(ownToken?.origin, name === 'AUTH0_TOKEN' ? 'the environment' : path());
      // An empty one says nothing.
      assert.deepEqual(read({ [name]: ' ' }), read());
    });
  }

  for (const [name, value, message] of [
    ['CALLBACK_PORT', 'many', 'CALLBACK_PORT is "many"'],
    ['AUTH0_DOMAIN', 'https://api.example/v2', 'The Auth0 domain "https://api.example/v2" is not a host'],
  ] as const) {
    it(`that are wrong are refused, with where they were found: ${name}`, () => {
      const refused = (env: Record<string, string>, start: string) => {
        assert.throws(
          () => read(env),
          error => {
            assert.ok(isAuthError(error, 'invalid_settings'));
            assert.ok(error.message.startsWith(start), error.message);
            return true;
          },
        );
      };
      write({ [name]: value });
      refused({}, `${path()}: ${message}`);
      refused({ [name]: value }, message);
      assert.ok(read({ [name]: fromEnvironment[name] }));
    });
  }

  it('are those of the environment alone in a server that an editor started', () => {
    write(fromFile);
    assert.deepEqual(read({ [addressVariable]: '/tmp/broker.sock' }), {
      tenant: defaultTenant,
      callbackPort: 8765,
    });
  });

  it('do not come from a directory of that name', () => {
    mkdirSync(path());
    assert.deepEqual(read(), { tenant: defaultTenant, callbackPort: 8765 });
  });

  it('are found between lines that mean nothing', () => {
    writeFileSync(path(), '\0\u0001 = \n=\nnonsense\n  export CALLBACK_PORT = 1234 # mine\nAUTH0_TOKEN');
    assert.equal(read().callbackPort, 1234);
  });
});
