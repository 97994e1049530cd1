import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Ran } from '../../terminal/fixtures.ts';
import { text, useSurroundings } from './fixtures.ts';

describe('the headers of omnispindle connect', () => {
  const here = useSurroundings();

  /** Writes a file of headers, for its owner alone. */
  function headerFile(content: string): string {
    const path = join(here.directory, 'headers');
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  const refuse = (flags: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run({ tenant: here.tenant, directory: here.directory, env }, 'connect', here.remote.url, ...flags);

  /** Every request carried these headers. */
  function carried(headers: Record<string, string>): void {
    assert.ok(here.remote.requests.length > 0);
    for (const request of here.remote.requests) {
      for (const [name, value] of Object.entries(headers)) assert.equal(request.headers[name], value);
      assert.match(request.authorization ?? '', /^Bearer ey/);
    }
  }

  it('go with every request as they are given', async () => {
    const given = ['X-One: a: b', 'x-two:c d', 'X-Three :  e  ', 'X-Empty:', 'X-Twice: 1', 'x-twice: 2'];
    const connected = await here.connect(given.flatMap(header => ['--header', header]));
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    carried({
      'x-one': 'a: b',
      'x-two': 'c d',
      'x-three': 'e',
      'x-empty': '',
      'x-twice': '2',
    });
  });

  it('come from the environment', async () => {
    const flags = ['--header', 'X-Key: ${KEY}', '--header', 'X-Both: <${KEY}-${OTHER_2}> $KEY ${}'];
    const connected = await here.connect(flags, {
      KEY: 'S3CRET\n',
      OTHER_2: '${KEY}',
      OMNISPINDLE_DEBUG: '1',
    });
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    carried({ 'x-key': 'S3CRET', 'x-both': '<S3CRET-${KEY}> $KEY ${}' });
    assert.doesNotMatch(connected.stderr(), /S3CRET/);
  });

  for (const [name, content] of [
    ['as Unix writes it', 'X-One: 1\nX-Key: ${KEY}\n# X-No: no\n\n  # X-No: no\nX-Two: 2'],
    ['as Windows writes it', '\uFEFFX-One: 1\r\nX-Key: ${KEY}\r\n# X-No: no\r\n\r\nX-Two: 2\r\n'],
  ] as const) {
    it(`come from a file ${name}; a flag counts more`, async () => {
      const flags = ['--header-file', headerFile(content), '--header', 'X-Two: two'];
      const connected = await here.connect(flags, { KEY: 'S3CRET', OMNISPINDLE_DEBUG: '1' });
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      carried({ 'x-one': '1', 'x-key': 'S3CRET', 'x-two': 'two' });
      assert.ok(here.remote.requests.every(({ headers }) => !('x-no' in headers)));
      assert.doesNotMatch(connected.stderr(), /S3CRET|can be read by other users/);
    });
  }

  if (process.platform !== 'win32') {
    it('are used, with a warning, from a file that others can read', async () => {
      const path = headerFile('X-Key: S3CRET');
      chmodSync(path, 0o640);
      const connected = await here.connect(['--header-file', path]);
      assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
      carried({ 'x-key': 'S3CRET' });
      assert.ok(
        connected
          .stderr()
          .includes(`${path} can be read by other users. Allow only yourself: chmod 600 ${path}`),
      );
      assert.doesNotMatch(connected.stderr(), /S3CRET/);
    });
  }

  for (const [what, header, saying] of [
    ['without a name', 'S3CRET', /must look like "Name: value"/],
    ['whose name has a space', 'X Key: S3CRET', /must look like "Name: value"/],
    ['with an empty name', ': S3CRET', /must look like "Name: value"/],
    ['with a variable that is not set', 'X-Key: S3CRET ${NO_SUCH}', /X-Key needs the variable NO_SUCH/],
    ['with what no header can carry', 'X-Key: S3CRET 🔑', /X-Key has a character in its value/],
    ['that would replace the token', 'authorization: Bearer S3CRET', /Remove it, or set AUTH0_TOKEN/],
  ] as const) {
    it(`are refused ${what}`, async () => {
      const ran = await refuse(['--header', header]);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, saying);
      assert.ok(ran.stderr.includes('--header: '));
      const path = headerFile(`# One\r\nX-One: 1\r\n\r\n${header}\r\n`);
      const fromFile = await refuse(['--header-file', path]);
      assert.equal(fromFile.code, 2);
      assert.match(fromFile.stderr, saying);
      assert.ok(fromFile.stderr.includes(`${path}, line 4: `));
      assert.doesNotMatch(ran.stderr + fromFile.stderr, /S3CRET/);
    });
  }

  it('[T9] come from a file in the home directory that no shell has looked up', async () => {
    headerFile('X-Key: S3CRET');
    const connected = await here.connect(['--header-file', '~/headers']);
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    carried({ 'x-key': 'S3CRET' });
    const { code, stderr } = await refuse(['--header-file', '$HOME/headers']);
    assert.equal(code, 2);
    assert.match(stderr, /--header-file is "\$HOME\/headers", in which nobody filled in the variable/);
  });

  it('are refused with a line break from the environment', async () => {
    const ran = await refuse(['--header', 'X-Key: ${KEY}'], { KEY: 'S3CRET\r\nX-Other: 1' });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /X-Key has a character in its value/);
    assert.doesNotMatch(ran.stderr, /S3CRET/);
  });

  for (const [what, name, saying] of [
    ['is not there', 'missing', /ENOENT.*Check --header-file/],
    ['is a directory', '.', /EISDIR.*Check --header-file/],
  ] as const) {
    it(`need a file that can be read, not one that ${what}`, async () => {
      const path = join(here.directory, name);
      const { code, stderr } = await refuse(['--header-file', path]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(`The header file ${path} cannot be read`));
      assert.match(stderr, saying);
    });
  }
});
