import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits, format, parse, type ParseError } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import { withoutOurServer, withOurServer } from '../../../src/terminal/clients/clientConfiguration.ts';
import { clients } from '../../../src/terminal/clients/clients.ts';
import { npxEntry, teamArguments } from '../../../src/terminal/clients/serverEntry.ts';

const server = npxEntry('linux');
const entry = '{ "command": "npx", "args": ["-y", "omnispindle", "serve"] }';
const table = '[mcp_servers.omnispindle]\ncommand = "npx"\nargs = ["-y", "omnispindle", "serve"]\n';

const json = (text: string) => withOurServer(clients['cursor']!, text, '/mcp.json', server);
const toml = (text: string) => withOurServer(clients['codex']!, text, '/config.toml', server);

const jsonWithout = (text: string) => withoutOurServer(clients['cursor']!, text, '/mcp.json');
const tomlWithout = (text: string) => withoutOurServer(clients['codex']!, text, '/config.toml');

/** The entry of a copy that is installed. */
const installed = { command: '/usr/bin/node', args: ['/data/install/omnispindle/cli.js', 'serve'] };
const toInstalled = (client: string, text: string) =>
  withOurServer(clients[client]!, text, '/configuration', installed);

function refused(change: () => string, message: RegExp): void {
  assert.throws(change, error => {
    assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
    assert.match(error.message, message);
    assert.match(error.message, /nothing was changed/);
    return true;
  });
}

describe('a team’s server in a client’s configuration', () => {
  const url = 'https://todos.example/mcp';
  const team = { command: 'node', args: ['cli.js', ...teamArguments(url)] };
  const argsOf = (before: readonly string[], wanted = team) => {
    const entry = { command: 'node', args: before, env: { A: '1' } };
    const text = JSON.stringify({ mcpServers: { omnispindle: entry } });
    const after = withOurServer(clients['cursor']!, text, '/mcp.json', wanted);
    return (JSON.parse(after) as { mcpServers: { omnispindle: { args: string[] } } }).mcpServers.omnispindle
      .args;
  };

  it('takes the place of the bundled one, and of another team’s', () => {
    assert.deepEqual(argsOf(['old.js', 'serve', '--debug']), team.args);
    assert.deepEqual(argsOf(['old.js', 'connect', 'https://other.example/mcp', '--debug']), team.args);
    assert.deepEqual(argsOf(team.args, { command: 'node', args: ['cli.js', 'serve'] }), ['cli.js', 'serve']);
  });

  it('keeps what the person has added to its arguments, and is written once', () => {
    const own = ['connect', url, '--scope', 'omnispindle:read', '--debug'];
    assert.deepEqual(argsOf(['old.js', ...own]), ['cli.js', ...own]);
    assert.deepEqual(argsOf(team.args), team.args);
    const named = { command: 'node', args: [...team.args, '--organization', 'org_b'] };
    assert.deepEqual(argsOf(['old.js', ...own, '--organization', 'org_a'], named), [
      ...['cli.js', 'connect', url, '--organization', 'org_b'],
      ...own.slice(2),
    ]);
  });
});

describe('a client’s JSON', () => {
  for (const [name, before, after] of [
    ['an empty object', '{}', `{\n  "mcpServers": { "omnispindle": ${entry} }\n}`],
    ['no servers yet', '{\n  "a": 1\n}\n', `{\n  "a": 1,\n  "mcpServers": { "omnispindle": ${entry} }\n}\n`],
    ['empty servers', '{ "mcpServers": {} }', `{ "mcpServers": {\n    "omnispindle": ${entry}\n  } }`],
    ['one line', '{"mcpServers":{"a":{}}}', `{"mcpServers":{"a":{}, "omnispindle": ${entry}}}`],
    [
      'tabs, CRLF and a byte order mark',
      '\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n',
      `\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t\t"omnispindle": ${entry}\r\n\t}\r\n}\r\n`,
    ],
    [
      'a comment after the last server',
      '{\n  "mcpServers": {\n    "a": {} // mine, of course\n    /* the end */\n  }\n}',
      `{\n  "mcpServers": {\n    "a": {}, // mine, of course\n    /* the end */\n    "omnispindle": ${entry}\n  }\n}`,
    ],
    [
      'a trailing comma',
      '{\n  "mcpServers": {\n    "a": {}, // mine\n  },\n}',
      `{\n  "mcpServers": {\n    "a": {}, // mine\n    "omnispindle": ${entry},\n  },\n}`,
    ],
    [
      'only a comment in it',
      '{\n  // nothing yet\n}',
      `{\n  // nothing yet\n  "mcpServers": { "omnispindle": ${entry} }\n}`,
    ],
    [
      'another entry of ours',
      '{\n  "mcpServers": {\n    "omnispindle": {\n      "command": "old" },\n    "z":   {}\n  }\n}',
      `{\n  "mcpServers": {\n    "omnispindle": ${entry},\n    "z":   {}\n  }\n}`,
    ],
  ] as const) {
    it(`with ${name} keeps every other byte`, () => {
      assert.equal(json(before), after);
      assert.equal(json(after), after);
    });
  }

  for (const [name, before] of [
    ['nothing', ''],
    ['white space', ' \n\n'],
    ['a byte order mark', '\uFEFF'],
  ] as const) {
    it(`with ${name} in it is written again`, () => {
      const after = json(before);
      assert.deepEqual(JSON.parse(after.replace('\uFEFF', '')), { mcpServers: { omnispindle: server } });
      assert.equal(after.startsWith('\uFEFF'), before.startsWith('\uFEFF'));
    });
  }

  it('with nothing but comments keeps them', () => {
    const after = json('// mine\r\n');
    assert.ok(after.startsWith('// mine\r\n{\r\n  "mcpServers"'), after);
    assert.deepEqual(parse(after), { mcpServers: { omnispindle: server } });
  });

  it('that has our server, in whatever layout, stays as it is', () => {
    const text = `{"mcpServers": {"omnispindle": {"args":["-y","omnispindle","serve"],\n"command" : "npx"}}}`;
    assert.equal(json(text), text);
  });

  it('that starts our server with settings of the person’s own stays as it is', () => {
    const text = `{"mcpServers": {"omnispindle": {"type": "stdio", "command": "npx", "args": ["-y", "omnispindle", "serve"], "env": {"OMNISPINDLE_ACCOUNT": "ada"}}}}`;
    assert.equal(json(text), text);
    const ownToml = `${table}startup_timeout_sec = 60\n\n[mcp_servers.omnispindle.env]\nAUTH0_DOMAIN = "example.eu.auth0.com"\n`;
    assert.equal(toml(ownToml), ownToml);
  });

  it('[T8] that starts our server otherwise keeps what the person has added to it', () => {
    const before =
      '{"mcpServers": {"omnispindle": {\n  "env": {"A": "b"}, // mine\n  "args": ["-y", "omnispindle", "serve", "--account", "ada"],\n  "command": "npx"}}}';
    const after =
      '{"mcpServers": {"omnispindle": {\n  "env": {"A": "b"}, // mine\n  "args": ["/data/install/omnispindle/cli.js", "serve", "--account", "ada"],\n  "command": "/usr/bin/node"}}}';
    assert.equal(toInstalled('cursor', before), after);
    assert.equal(toInstalled('cursor', after), after);
  });

  const tenant = { AUTH0_DOMAIN: 'a.example', AUTH0_CLIENT_ID: 'id' };
  const named = { ...installed, env: tenant };

  it('[E11] gets a tenant with our server, in JSON and in TOML', () => {
    const cursor = withOurServer(clients['cursor']!, '{}', '/mcp.json', named);
    assert.deepEqual(parse(cursor), { mcpServers: { omnispindle: named } });
    const codex = withOurServer(clients['codex']!, 'a = 1\n', '/config.toml', named);
    assert.match(codex, /env = \{ AUTH0_DOMAIN = "a\.example", AUTH0_CLIENT_ID = "id" \}\n$/);
    assert.equal(withOurServer(clients['codex']!, codex, '/config.toml', named), codex);
  });

  it('[E11] that starts our server gets a tenant beside what the person has added', () => {
    const before =
      '{"mcpServers": {"omnispindle": {\n    "command": "npx",\n    "args": ["omnispindle", "serve"], // mine\n    "timeout": 9\n  }}}';
    const cursor = withOurServer(clients['cursor']!, before, '/mcp.json', named);
    assert.deepEqual(parse(cursor), { mcpServers: { omnispindle: { ...named, timeout: 9 } } });
    assert.ok(cursor.includes('// mine\n    "timeout": 9,\n'), cursor);
    const codex = withOurServer(
      clients['codex']!,
      `${table}startup_timeout_sec = 60\n`,
      '/config.toml',
      named,
    );
    assert.match(
      codex,
      /^\[mcp_servers\.omnispindle\]\nenv = .*\ncommand = .*\nargs = .*\nstartup_timeout_sec = 60\n$/,
    );
  });

  it('[E11] that gives our server an environment keeps it: with a part of another it would be no tenant', () => {
    const before =
      '{"mcpServers": {"omnispindle": {"command": "npx", "args": ["serve"], "env": {"AUTH0_DOMAIN": "b.example"}}}}';
    const cursor = withOurServer(clients['cursor']!, before, '/mcp.json', named);
    assert.deepEqual(parse(cursor), {
      mcpServers: { omnispindle: { ...installed, env: { AUTH0_DOMAIN: 'b.example' } } },
    });
    const toml = `${table}\n[mcp_servers.omnispindle.env]\nAUTH0_DOMAIN = "b.example"\n`;
    const codex = withOurServer(clients['codex']!, toml, '/config.toml', named);
    assert.ok(codex.endsWith('[mcp_servers.omnispindle.env]\nAUTH0_DOMAIN = "b.example"\n'), codex);
    assert.doesNotMatch(codex, /a\.example/);
  });

  it('[E11] of Copilot CLI says of our server what older versions of it insist on', () => {
    const text = withOurServer(clients['copilot']!, '', '/mcp-config.json', installed);
    assert.deepEqual(JSON.parse(text), {
      mcpServers: { omnispindle: { type: 'local', tools: ['*'], ...installed } },
    });
  });

  for (const [name, before, after] of [
    ['nothing', '', ''],
    ['no entry of ours', '{"mcpServers": {"a": {}}}', '{"mcpServers": {"a": {}}}'],
    ['ours alone', `{ "mcpServers": { "omnispindle": ${entry} } }`, '{ "mcpServers": { } }'],
    ['ours first', `{"mcpServers":{"omnispindle": ${entry}, "a":{}}}`, '{"mcpServers":{"a":{}}}'],
    ['ours last', `{"mcpServers":{"a":{}, "omnispindle": ${entry}}}`, '{"mcpServers":{"a":{}}}'],
    [
      'tabs, CRLF and a byte order mark',
      `\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t\t"omnispindle": ${entry},\r\n\t\t"b": {}\r\n\t}\r\n}\r\n`,
      '\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"a": {},\r\n\t\t"b": {}\r\n\t}\r\n}\r\n',
    ],
    [
      'comments around ours',
      `{\n  "mcpServers": {\n    "a": {}, // a, of course\n    // ours\n    "omnispindle": ${entry} // it, too\n  }\n}`,
      `{\n  "mcpServers": {\n    "a": {} // a, of course\n    // ours\n     // it, too\n  }\n}`,
    ],
    [
      'a trailing comma',
      `{\n  "mcpServers": {\n    "a": {},\n    "omnispindle": ${entry},\n  },\n}`,
      `{\n  "mcpServers": {\n    "a": {},\n  },\n}`,
    ],
    [
      'a comment that opens the object',
      `{"mcpServers": { // mine\n "omnispindle": ${entry} }}`,
      `{"mcpServers": { // mine\n  }}`,
    ],
  ] as const) {
    it(`[T8] with ${name} is without our server afterwards, and every other byte stays`, () => {
      assert.equal(jsonWithout(before), after);
      assert.equal(jsonWithout(after), after);
    });
  }

  it('[T8] that has our server twice is left as it is', () => {
    refused(
      () => jsonWithout(`{"mcpServers": {"omnispindle": ${entry}, "omnispindle": ${entry}}}`),
      /unexpected/,
    );
  });

  for (const [name, text, message] of [
    ['is cut off', '{\n  "mcpServers": ', /mcp\.json is not valid JSON at line 2, column 17/],
    ['misses a comma', '{\n  "a": 1\n  "b": 2\n}', /line 3, column 3/],
    ['is no object', '[]', /unexpected/],
    ['has a list for servers', '{"mcpServers": []}', /unexpected at "mcpServers"/],
    ['has a text for servers', '{"mcpServers": "x"}', /unexpected at "mcpServers"/],
    ['has null for servers', '{"mcpServers": null}', /unexpected at "mcpServers"/],
    ['has servers twice', '{"mcpServers": {}, "mcpServers": {}}', /unexpected at "mcpServers"/],
  ] as const) {
    it(`that ${name} is refused`, () => {
      refused(() => json(text), message);
    });
  }

  it('of any content and layout gets our server, and nothing else changes', () => {
    const names = fc.string({ maxLength: 6 }).filter(name => name !== '__proto__');
    const servers = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    const file = fc.record(
      { mcpServers: servers, other: fc.jsonValue({ maxDepth: 2 }) },
      { requiredKeys: [] },
    );
    const layout = fc.record({
      insertSpaces: fc.boolean(),
      tabSize: fc.constantFrom(1, 2, 4),
      eol: fc.constantFrom('\n', '\r\n'),
      comment: fc.boolean(),
      compact: fc.boolean(),
    });
    fc.assert(
      fc.property(file, layout, (content, { comment, compact, ...options }) => {
        const plain = JSON.stringify(content);
        const laidOut = compact ? plain : applyEdits(plain, format(plain, undefined, options));
        const before = comment ? laidOut.replaceAll('{', `{ /* , */ // ,}${options.eol}`) : laidOut;
        const errors: ParseError[] = [];
        const expected = parse(before, errors) as typeof content;
        // Where a brace stands in a text, the comment has torn that.
        fc.pre(errors.length === 0);
        const after = json(before);
        assert.deepEqual(parse(after, errors), {
          ...expected,
          mcpServers: { ...expected.mcpServers, omnispindle: server },
        });
        assert.deepEqual(errors, []);
        assert.equal(json(after), after);
        const { omnispindle, ...others } = expected.mcpServers ?? {};
        assert.deepEqual(parse(jsonWithout(after), errors), { ...expected, mcpServers: others });
        assert.deepEqual(errors, []);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a client’s TOML', () => {
  for (const [name, before, after] of [
    ['nothing', '', table],
    [
      'comments and other tables',
      '# mine\nmodel = "x" # fast\n\n[mcp_servers.a]\ncommand = \'y\'\n',
      `# mine\nmodel = "x" # fast\n\n[mcp_servers.a]\ncommand = 'y'\n\n${table}`,
    ],
    ['no line end at its end', 'a = 1', `a = 1\n\n${table}`],
    ['CRLF and a byte order mark', '\uFEFFa = 1\r\n', `\uFEFFa = 1\r\n\r\n${table.replaceAll('\n', '\r\n')}`],
    [
      'another entry of ours, with a table below it',
      'a = 1\n\n[mcp_servers.omnispindle] # ours\ncommand = "old"\nargs = [\n  "x",\n]\n\n[mcp_servers.omnispindle.env]\nA = "b"\n\n# of b\n[b]\nc = 2\n',
      `a = 1\n\n${table}\n\n# of b\n[b]\nc = 2\n`,
    ],
    [
      'our name in quotes',
      '[mcp_servers."omnispindle"]\ncommand = "old"\n[[list]]\na = 1\n',
      `${table}[[list]]\na = 1\n`,
    ],
  ] as const) {
    it(`with ${name} keeps every other byte`, () => {
      assert.equal(toml(before), after);
      assert.equal(toml(after), after);
    });
  }

  it('that has our server, in whatever layout, stays as it is', () => {
    const text =
      '[mcp_servers]\nomnispindle = { args = ["-y", "omnispindle", "serve"], command = \'npx\' } # mine\n';
    assert.equal(toml(text), text);
  });

  it('[T8] that starts our server otherwise keeps what the person has added to it', () => {
    const before =
      'a = 1\n[mcp_servers.omnispindle]\n# mine\nstartup_timeout_sec = 60\nargs = [\n  "-y", "omnispindle",\n  "serve", "--account", "ada",\n]\ncommand = "npx"\n\n[mcp_servers.omnispindle.env]\nA = "b"\n';
    const after =
      'a = 1\n[mcp_servers.omnispindle]\n# mine\nstartup_timeout_sec = 60\nargs = ["/data/install/omnispindle/cli.js", "serve", "--account", "ada"]\ncommand = "/usr/bin/node"\n\n[mcp_servers.omnispindle.env]\nA = "b"\n';
    assert.equal(toInstalled('codex', before), after);
    assert.equal(toInstalled('codex', after), after);
  });

  for (const [name, before, after] of [
    ['nothing', '', ''],
    ['our table alone', table, ''],
    ['our table last', `a = 1\n\n${table}`, 'a = 1\n'],
    [
      'our table and one below it, between others',
      `[mcp_servers.a]\ncommand = "y" # fast\n\n${table}\n[mcp_servers.omnispindle.env]\nA = "b"\n\n# of b\n[b]\nc = 2\n`,
      '[mcp_servers.a]\ncommand = "y" # fast\n\n\n\n# of b\n[b]\nc = 2\n',
    ],
    ['CRLF', `a = 1\r\n\r\n${table.replaceAll('\n', '\r\n')}`, 'a = 1\r\n'],
  ] as const) {
    it(`[T8] with ${name} is without our server afterwards, and every other byte stays`, () => {
      assert.equal(tomlWithout(before), after);
      assert.equal(tomlWithout(after), after);
    });
  }

  it('[T8] that has our server in one line is left as it is', () => {
    refused(() => tomlWithout('[mcp_servers]\nomnispindle = { command = "x" }\n'), /unexpected/);
  });

  for (const [name, text, message] of [
    ['is cut off', 'a = 1\nb = ', /config\.toml is not valid TOML at line 2/],
    ['has a text for servers', 'mcp_servers = "x"', /unexpected at "mcp_servers"/],
    ['has a list for servers', '[[mcp_servers]]\na = 1\n', /unexpected at "mcp_servers"/],
    ['has servers in one line', 'mcp_servers = { a = { command = "x" } }', /unexpected at "mcp_servers"/],
    [
      'has our server in one line',
      '[mcp_servers]\nomnispindle = { command = "x" }\n',
      /unexpected at "mcp_servers"/,
    ],
  ] as const) {
    it(`that ${name} is refused`, () => {
      refused(() => toml(text), message);
    });
  }

  it('is not misled by a text that looks like a table', () => {
    const text = 'a = """\n[mcp_servers.omnispindle]\n"""\n';
    const after = toml(text);
    assert.ok(after.startsWith(text));
    assert.equal((parseToml(after)['a'] as string).trim(), '[mcp_servers.omnispindle]');
    refused(() => toml(`${text}[mcp_servers.omnispindle]\ncommand = "old"\n`), /unexpected/);
  });
});
