import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openWindow, token } from '../broker/fixtures.ts';
import { library as libraryPath } from '../bundle.ts';
import { run, signIn, trust, userEnvironment, visits } from './fixtures.ts';
import { callOf, callTold, count, serverCommands, useEnvFile } from './useEnvFile.ts';

const library = pathToFileURL(libraryPath).href;
const bridges = ['connect', 'run'] as const;

describe('where people sign in, and as whom,', () => {
  const given = useEnvFile();
  const host = () => new URL(given.tenant.domain).host;
  const tenantNamed = () => `You sign in at ${host()}, `;
  const sentTokens = () => given.remote.requests.map(({ authorization }) => authorization);

  function program(body: string, env: Record<string, string> = {}) {
    const file = join(given.directory, 'program.mjs');
    writeFileSync(file, `import { ensureAuthenticated } from ${JSON.stringify(library)};\n${body}`);
    return promisify(execFile)(process.execPath, [file], {
      cwd: given.directory,
      env: userEnvironment(given.here(env)),
    });
  }

  for (const name of serverCommands) {
    it(`[T3] is named once a process, before the browser opens, with where it was found: ${name}`, async () => {
      const served = await given.start(name, given.here({ AUTH0_AUDIENCE: given.tenant.audience }));
      await callTold(name, served);
      await callTold(name, served);
      const said = served.stderr();
      assert.equal(count(said, tenantNamed()), 1, said);
      assert.match(said, /AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_AUDIENCE from the environment/);
      assert.ok(said.indexOf(tenantNamed()) < said.indexOf('/authorize'), said);
    });
  }

  for (const command of ['login', 'token', 'whoami', 'logout']) {
    it(`[T3] is named once a process, before the browser opens: ${command}`, async () => {
      await trust(given.here(), `AUTH0_CLIENT_ID=${given.tenant.clientId}\n`);
      const { stderr } = await run(given.here({ AUTH0_CLIENT_ID: '' }), command);
      assert.equal(count(stderr, tenantNamed()), 1, stderr);
      assert.ok(stderr.includes(`AUTH0_CLIENT_ID from ${given.path}`), stderr);
      const address = stderr.indexOf('/authorize');
      assert.ok(address < 0 || stderr.indexOf(tenantNamed()) < address, stderr);
    });
  }

  it('[T3] is named by doctor', async () => {
    assert.ok((await run(given.here(), 'doctor')).stdout.includes(tenantNamed()));
  });

  it('[T3] is named in the progress of the first call', async () => {
    const { told } = await callTold('serve', await given.start('serve', given.here()));
    assert.equal(count(told.join('\n'), tenantNamed()), 1, told.join('\n'));
    assert.ok(told[0]?.includes(tenantNamed()), told.join('\n'));
  });

  it('[T3] is named in the progress of a sign-in that waits, and the address stays the latest news: connect', async () => {
    await signIn(given.here());
    const served = await given.start('connect', given.here());
    await served.client.callTool(callOf('connect'));
    await given.tenant.revokeSessions();
    const old = given.remote.requests.at(-1)?.authorization;
    given.remote.intercept = (request, response) => {
      if (request.headers.authorization !== old) return false;
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return true;
    };
    const { told } = await callTold('connect', served).finally(() => {
      given.remote.intercept = undefined;
    });
    assert.equal(count(told.join('\n'), tenantNamed()), 1, told.join('\n'));
    assert.ok(told.some(message => message.includes(tenantNamed()) && message.includes('/authorize')));
  });

  it('[T3] is named before the browser opens by the library, on stderr or to whoever listens', async () => {
    const { stderr } = await program('await ensureAuthenticated();');
    assert.ok(stderr.includes(tenantNamed()) && stderr.indexOf(tenantNamed()) < stderr.indexOf('/authorize'));
    await run(given.here(), 'logout');
    const listening = await program('await ensureAuthenticated({ onProgress: text => console.log(text) });');
    assert.equal(count(listening.stdout, tenantNamed()), 1, listening.stdout);
    assert.equal(listening.stderr, '');
  });

  it('[T3] is not said by a server whose editor has said it', async () => {
    const own = await given.tenant.sign({});
    const window = openWindow(() => Promise.resolve(token(own)));
    try {
      const { env } = await window.grant('ada');
      for (const name of bridges) {
        const served = await given.start(name, given.here(env));
        await callTold(name, served);
        assert.ok(!served.stderr().includes('sign in at'), served.stderr());
      }
    } finally {
      await window.dispose();
    }
  });

  for (const name of serverCommands) {
    it(`[T3] of a token that is not from a session is named once, before the first call runs: ${name}`, async () => {
      const env = { AUTH0_TOKEN: await given.tenant.sign({ email: 'mallory@example.com' }) };
      const served = await given.start(name, given.here(env));
      const first = await callTold(name, served);
      const second = await callTold(name, served);
      const said =
        'AUTH0_TOKEN from the environment is used instead of a sign-in: everything runs as mallory@example.com';
      await served.says(/everything runs as/);
      for (const text of [served.stderr(), first.told.join('\n')]) assert.equal(count(text, said), 1, text);
      assert.equal(count(second.told.join('\n'), said), 0);
      assert.equal(first.texts.length, 1);
    });
  }

  it('[T3] of a token in a file is named with the file', async () => {
    await trust(given.here(), `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|mallory' })}\n`);
    const { told } = await callTold('serve', await given.start('serve', given.here()));
    assert.match(told.join('\n'), new RegExp(`AUTH0_TOKEN from ${given.path} .* runs as auth0\\|mallory`));
    const { stderr } = await run(given.here(), 'token');
    assert.match(stderr, /\.env is used instead of a sign-in: everything runs as auth0\|mallory/);
    const { stderr: said } = await program('await ensureAuthenticated();');
    assert.match(said, /\.env is used instead of a sign-in: everything runs as auth0\|mallory/);
  });

  it('[T3] of a token is named without what a terminal would act on', async () => {
    const env = { AUTH0_TOKEN: await given.tenant.sign({ email: 'a\u001b[31m\u0007\u202eb@example.com' }) };
    const { stderr } = await run(given.here(env), 'token');
    assert.match(stderr, /everything runs as a.*b@example\.com/);
    assert.doesNotMatch(stderr, /[\u0007\u001b\u202e]/);
  });

  for (const name of bridges) {
    it(`[T3] a token for any API is passed on, and its API is named: ${name}`, async () => {
      const own = await given.tenant.sign({ aud: ['https://notes.example', 'https://x.example'] });
      const served = await given.start(name, given.here({ AUTH0_TOKEN: own }));
      const { told, texts } = await callTold(name, served);
      await served.says(/AUTH0_TOKEN is for/);
      for (const text of [told.join('\n'), served.stderr()]) {
        assert.match(text, /AUTH0_TOKEN is for the API https:\/\/notes\.example, https:\/\/x\.example\./);
      }
      if (name === 'connect') assert.ok(sentTokens().every(sent => sent === `Bearer ${own}`));
      else assert.match(texts.join(''), /"sub":"auth0\|ada"/);
    });

    it(`[T3] a token that nobody but its server can read is passed on, and it is said that it was not checked: ${name}`, async () => {
      const served = await given.start(name, given.here({ AUTH0_TOKEN: 'opaque-token' }));
      const { told } = await callTold(name, served);
      await served.says(/could not be checked/);
      for (const text of [told.join('\n'), served.stderr()]) {
        assert.match(text, /AUTH0_TOKEN from the environment is used.*could not be checked/);
      }
      if (name === 'connect') assert.ok(sentTokens().every(sent => sent === 'Bearer opaque-token'));
    });

    for (const [kind, make, why] of [
      [
        'of another issuer',
        () => given.evil.sign({ aud: given.tenant.audience }),
        /was not issued by|not signed by/,
      ],
      [
        'that says another issuer',
        () => given.tenant.sign({ iss: 'https://evil.example/' }),
        /was not issued by/,
      ],
      [
        'that has ended',
        () => given.tenant.sign({ exp: Math.floor(Date.now() / 1000) - 600 }),
        /has expired/,
      ],
      [
        'whose signature is another’s',
        async () => {
          const [head = '', , signature = ''] = (await given.tenant.sign({})).split('.');
          const [, payload = ''] = (await given.tenant.sign({ sub: 'auth0|mallory' })).split('.');
          return [head, payload, signature].join('.');
        },
        /not signed by a key/,
      ],
      ['that only looks like one', () => Promise.resolve('a.b.c'), /not a JWT/],
    ] as const) {
      it(`[T3] a token ${kind} is refused, and no server sees it: ${name}`, async () => {
        const made = await make();
        const said = await given
          .start(name, given.here({ AUTH0_TOKEN: made }))
          .then(({ client }) => client.callTool(callOf(name)))
          .then(({ content }) => JSON.stringify(content), String);
        assert.deepEqual(sentTokens(), []);
        assert.match(said, /AUTH0_TOKEN from the environment is invalid or expired/);
        assert.match(said, why);
        assert.ok(!said.includes(made) || made === 'a.b.c', said);
        assert.deepEqual(visits(given.directory), []);
      });
    }
  }
});
