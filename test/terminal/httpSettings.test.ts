import assert from 'node:assert/strict';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { ownAddress, readHttpSettings, type HttpOptions } from '../../src/terminal/httpSettings.ts';

describe('the settings of a server over HTTP', () => {
  function refuses(options: HttpOptions, saying: RegExp, env: NodeJS.ProcessEnv = {}): void {
    assert.throws(
      () => readHttpSettings(options, env),
      error => isOmnispindleError(error, 'invalid_settings') && saying.test(error.message),
      JSON.stringify([options, env]),
    );
  }

  it('are those of this machine alone where nothing is set', () => {
    const { host, port, publicUrl, allowedHosts, allowedOrigins } = readHttpSettings({}, {});
    assert.deepEqual([host, port, publicUrl], ['127.0.0.1', 8770, undefined]);
    assert.deepEqual([allowedHosts, allowedOrigins], [[], []]);
  });

  it('are those of the options, else of their variables', () => {
    const env = {
      OMNISPINDLE_HOST: '::1',
      OMNISPINDLE_PORT: '9000',
      OMNISPINDLE_URL: 'https://one.example.com/',
      OMNISPINDLE_ALLOWED_HOSTS: 'a.example, b.example',
      OMNISPINDLE_ALLOWED_ORIGINS: 'https://a.example http://b.example:81/',
      OMNISPINDLE_STOP_TIMEOUT: '7',
      OMNISPINDLE_MAX_CALLS: '5',
      OMNISPINDLE_MAX_CALLS_PER_ACCOUNT: '2',
      OMNISPINDLE_MAX_BODY_BYTES: '2048',
    };
    const read = readHttpSettings({}, env);
    assert.deepEqual([read.host, read.port, read.publicUrl?.href], ['::1', 9000, 'https://one.example.com/']);
    assert.deepEqual(read.allowedHosts, ['a.example', 'b.example']);
    assert.deepEqual(read.allowedOrigins, ['https://a.example', 'http://b.example:81']);
    assert.deepEqual(
      [read.stopLimit, read.calls, read.callsPerAccount, read.bodyBytes],
      [7_000, 5, 2, 2_048],
    );
    const options = {
      host: '127.0.0.2',
      port: '9001',
      url: 'https://two.example.com/mcp',
      allowHost: ['c.example'],
      allowOrigin: ['https://c.example'],
      stopTimeout: '0',
    };
    const given = readHttpSettings(options, env);
    assert.deepEqual([given.host, given.port, given.stopLimit], ['127.0.0.2', 9001, 0]);
    assert.equal(given.publicUrl?.href, 'https://two.example.com/');
    assert.deepEqual([given.allowedHosts, given.allowedOrigins], [['c.example'], ['https://c.example']]);
  });

  it('open it to others only with a public https address, or the word that nobody else reaches it', () => {
    for (const host of ['0.0.0.0', '::', '[::]', '192.168.1.7', 'todos.example.com']) {
      refuses({ host }, /--url https.*--behind-proxy/);
      refuses({}, /--url https.*--behind-proxy/, { OMNISPINDLE_HOST: host });
      refuses({ host, url: 'http://localhost:8770' }, /--behind-proxy/);
      readHttpSettings({ host, url: 'https://todos.example.com' }, {});
      readHttpSettings({ host, behindProxy: true }, {});
      readHttpSettings({ host }, { OMNISPINDLE_BEHIND_PROXY: '1' });
      refuses({ host }, /--behind-proxy/, { OMNISPINDLE_BEHIND_PROXY: '0' });
    }
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]']) {
      readHttpSettings({ host }, {});
    }
  });

  it('take no word for yes or no that is neither', () => {
    const host = '0.0.0.0';
    for (const word of ['1', 'true', 'YES', 'on']) {
      readHttpSettings({ host }, { OMNISPINDLE_BEHIND_PROXY: word });
    }
    for (const word of ['0', 'False', 'no', 'off', '']) {
      refuses({ host }, /--behind-proxy/, { OMNISPINDLE_BEHIND_PROXY: word });
      readHttpSettings({}, { OMNISPINDLE_BEHIND_PROXY: word });
    }
    for (const word of ['2', 'y', 'enabled', 'nginx']) {
      refuses({}, /^OMNISPINDLE_BEHIND_PROXY is ".*1 or 0/, { OMNISPINDLE_BEHIND_PROXY: word });
      readHttpSettings({ host, behindProxy: true }, { OMNISPINDLE_BEHIND_PROXY: word });
    }
  });

  it('lead to an address that this machine is reached at where none is named', () => {
    for (const [host, address] of [
      ['127.0.0.1', 'http://localhost:9000/'],
      ['localhost', 'http://localhost:9000/'],
      ['127.0.0.2', 'http://127.0.0.2:9000/'],
      ['::1', 'http://[::1]:9000/'],
      ['[::1]', 'http://[::1]:9000/'],
      ['0.0.0.0', 'http://localhost:9000/'],
      ['::', 'http://localhost:9000/'],
    ] as const) {
      const settings = readHttpSettings({ host, port: '9000', behindProxy: true }, {});
      assert.equal(ownAddress(settings).href, address);
    }
  });

  it('name a public address that is an origin, and never sends a token in the clear', () => {
    for (const url of [
      'todos.example.com',
      'https://todos.example.com/path',
      'https://todos.example.com/mcp/x',
      'https://todos.example.com/?a=b',
      'https://todos.example.com/#a',
      'https://ada:secret@todos.example.com',
      'ftp://todos.example.com',
      'nonsense',
    ]) {
      refuses({ url }, /--url.*OMNISPINDLE_URL/);
      refuses({}, /--url.*OMNISPINDLE_URL/, { OMNISPINDLE_URL: url });
    }
    refuses({ url: 'http://todos.example.com' }, /in the clear/);
    refuses({ url: 'http://todos.example.com', behindProxy: true }, /in the clear/);
    assert.equal(readHttpSettings({ url: 'http://127.0.0.1:8770' }, {}).publicUrl?.port, '8770');
  });

  it('have numbers that are numbers, and names that are names', () => {
    for (const port of ['0', '65536', '-1', '8o', '1e3', '80.5', ' ', '']) {
      if (port.trim() === '') assert.equal(readHttpSettings({ port }, {}).port, 8770);
      else refuses({ port }, /^--port.*1 to 65535/);
    }
    refuses({}, /^OMNISPINDLE_PORT/, { OMNISPINDLE_PORT: 'x' });
    refuses({}, /^OMNISPINDLE_MAX_CALLS /, { OMNISPINDLE_MAX_CALLS: '0' });
    refuses({}, /^OMNISPINDLE_MAX_BODY_BYTES/, { OMNISPINDLE_MAX_BODY_BYTES: '99999999999' });
    refuses({}, /^OMNISPINDLE_STOP_TIMEOUT/, { OMNISPINDLE_STOP_TIMEOUT: '-5' });
    refuses({}, /placeholder/, { OMNISPINDLE_URL: '${URL}' });
    for (const host of ['https://a.example', 'a.example:80', 'a.example/x', 'a b', 'u@a.example']) {
      refuses({ allowHost: [host] }, /host name/);
    }
    for (const origin of [
      'a.example',
      '*',
      'null',
      'https://a.example/x',
      'file:///x',
      'https://u@a.example',
    ]) {
      refuses({ allowOrigin: [origin] }, /origin/);
    }
  });
});
