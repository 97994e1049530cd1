import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import {
  ourServers,
  withoutOurServer,
  withOurServer,
} from '../../../src/terminal/clients/clientConfiguration.ts';
import { clients } from '../../../src/terminal/clients/clients.ts';

const goose = clients['goose']!;
const installed = { command: '/usr/bin/node', args: ['/data/install/omnispindle/cli.js', 'serve'] };
const add = (text: string, env?: Record<string, string>) =>
  withOurServer(goose, text, '/config.yaml', { ...installed, ...(env && { env }) });
const remove = (text: string) => withoutOurServer(goose, text, '/config.yaml');

/** What Goose reads of ours; one that lacks `enabled`, `type` or `name` is skipped. */
const extension = {
  enabled: true,
  type: 'stdio',
  name: 'omnispindle',
  description: 'Todos and lessons of the signed-in person',
  timeout: 300,
  cmd: installed.command,
  args: installed.args,
};
const block = (indent: string) =>
  [
    'omnispindle:',
    '  enabled: true',
    '  type: stdio',
    '  name: omnispindle',
    '  description: Todos and lessons of the signed-in person',
    '  timeout: 300',
    '  cmd: /usr/bin/node',
    '  args:',
    '    - /data/install/omnispindle/cli.js',
    '    - serve',
    '',
  ]
    .map(line => (line === '' ? '' : indent + line))
    .join('\n');

describe('a client’s YAML', () => {
  for (const [name, before, after] of [
    ['nothing in it', '', `extensions:\n${block('  ')}`],
    ['an empty mapping', '{}\n', `\nextensions:\n${block('  ')}`],
    ['only a comment', '# mine\n', `# mine\nextensions:\n${block('  ')}`],
    [
      'no extensions yet',
      'GOOSE_MODEL:   "x" # mine',
      `GOOSE_MODEL:   "x" # mine\nextensions:\n${block('  ')}`,
    ],
    ['extensions without any', 'extensions: # none\na: 1\n', `extensions: # none\n${block('  ')}a: 1\n`],
    ['an empty mapping of extensions', 'extensions: {}\na: 1\n', `extensions: \n${block('  ')}a: 1\n`],
    [
      'others, with comments and a layout of their own',
      'a: 1\nextensions:\n    dev:   # odd\n        enabled:  true\n        note: |\n            two\n            lines\n    # the end\n\nz: [1,  2]\n',
      `a: 1\nextensions:\n    dev:   # odd\n        enabled:  true\n        note: |\n            two\n            lines\n${block('    ')}    # the end\n\nz: [1,  2]\n`,
    ],
    [
      'another entry of ours',
      'extensions:\n  omnispindle:\n    cmd: old # gone\n  z: {enabled: true}\n',
      `extensions:\n${block('  ')}  z: {enabled: true}\n`,
    ],
  ] as const) {
    it(`[E11] with ${name} keeps every other byte`, () => {
      const changed = add(before);
      // A comment at the end of a line that goes may stay.
      assert.equal(changed.replace(' # gone', ''), after);
      assert.equal(add(changed), changed);
      const { extensions } = parse(changed) as { extensions: Record<string, unknown> };
      assert.deepEqual(extensions['omnispindle'], extension);
    });
  }

  it('[E11] on one line gets ours there', () => {
    const changed = add('extensions: {dev: {enabled: true}}\na: 1\n');
    assert.match(changed, /^extensions: \{dev: \{enabled: true\}, omnispindle: .*\}\na: 1\n$/);
    assert.equal(add(changed), changed);
  });

  it('[E11] with CRLF keeps it', () => {
    const changed = add('a: 1\r\nextensions:\r\n  dev:\r\n    enabled: true\r\n');
    assert.doesNotMatch(changed, /[^\r]\n/);
  });

  it('[E11] that starts our server otherwise keeps what the person has added to it', () => {
    const before =
      'extensions:\n  omnispindle:\n    cmd: npx # old\n    args: [-y, omnispindle, serve, --account, ada]\n    type: stdio\n    enabled: false # for now\n    timeout: 900\n  z: {}\n';
    const changed = add(before, { AUTH0_DOMAIN: 'a.example' });
    const { extensions } = parse(changed) as { extensions: Record<string, unknown> };
    assert.deepEqual(extensions['omnispindle'], {
      cmd: installed.command,
      args: [...installed.args, '--account', 'ada'],
      type: 'stdio',
      enabled: false,
      timeout: 900,
      envs: { AUTH0_DOMAIN: 'a.example' },
    });
    assert.match(changed, /enabled: false # for now\n/);
    assert.ok(changed.endsWith('  z: {}\n'));
    // A tenant that is there stays.
    assert.equal(add(changed, { AUTH0_DOMAIN: 'b.example' }), changed);
  });

  it('[E11] gives ours back as it was', () => {
    for (const text of ['a: 1\nextensions:\n  dev:\n    enabled: true # mine\nz: 1\n', 'extensions: {}\n']) {
      assert.deepEqual(parse(remove(add(text))), parse(text));
    }
    const own =
      'extensions: # mine\n  omnispindle:\n    cmd: npx\n    args: [-y, omnispindle, serve]\nz: 1 # z\n';
    assert.equal(remove(own), 'extensions: {} # mine\nz: 1 # z\n');
    assert.equal(remove('a: 1\n'), 'a: 1\n');
    const [ours] = ourServers(goose, own, '/config.yaml');
    assert.deepEqual([ours?.name, ours?.startsUs, ours?.words[0]], ['omnispindle', true, 'npx']);
  });

  for (const [name, text, message] of [
    ['no YAML', 'a: [1\nb: "\n', /not valid YAML at line \d+, column \d+/],
    ['two documents', 'a: 1\n---\nb: 2\n', /not valid YAML/],
    ['a list', '- a\n', /something unexpected at "extensions"/],
    ['a list of extensions', 'extensions: [a]\n', /something unexpected at "extensions"/],
    ['all on one line', '{a: 1}\n', /something unexpected at "extensions"/],
    ['nested without end', '['.repeat(100_000), /nested too deeply|not valid YAML/],
    ['nested deeper than any', `a: ${'{a: '.repeat(300)}1${'}'.repeat(300)}\n`, /nested too deeply/],
    [
      'aliases without end',
      `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${[0, 1, 2, 3, 4, 5, 6]
        .map(
          i =>
            `a${String(i + 1)}: &a${String(i + 1)} [${Array(9)
              .fill(`*a${String(i)}`)
              .join()}]`,
        )
        .join('\n')}\n`,
      /nested too deeply/,
    ],
  ] as const) {
    it(`[E11] that is ${name} is not changed, and the place or the reason is said`, () => {
      assert.throws(
        () => add(text),
        error => {
          assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
          assert.match(error.message, message);
          assert.match(error.message, /nothing was changed/);
          return true;
        },
      );
    });
  }
});
