import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { speakIn } from '../../src/common/place.ts';
import { connectionFailure } from '../../src/auth/connectionFailure.ts';
import { parseTenant } from '../../src/auth/tenant.ts';
import { thirdPartyDemand } from '../../src/auth/tenantDemand.ts';
import { unprovenDirectory } from '../../src/platform/ownership.ts';
import { storageFailed } from '../../src/platform/paths.ts';
import { sessionNamed } from '../../src/sessions/matching.ts';

const root = join(import.meta.dirname, '..', '..');
const tenant = { domain: 'http://localhost:1', clientId: 'client', audience: 'https://api.example/' };

/** What our settings and commands are called elsewhere. */
const ofTerminal = /AUTH0_|OMNISPINDLE_|CALLBACK_PORT|(?<![\w-])--[a-z]|\bomnispindle (?:login|logout|run)\b/;
const ofEditor = /omnispindle\.(?:auth0|signIn|servers)|"Omnispindle: /;

const messages: Record<string, () => string> = {
  'a domain that is none': () => thrown(() => parseTenant({ ...tenant, domain: 'no host' })),
  'an organization that is none': () =>
    thrown(() => parseTenant({ ...tenant, organization: 'x'.repeat(200) })),
  'an API that is none': () => thrown(() => parseTenant({ ...tenant, audience: 7 })),
  'a strict client': () => thirdPartyDemand(tenant).message,
};

function thrown(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('[F6] what a person reads', () => {
  afterEach(() => {
    speakIn('terminal');
  });

  for (const [what, message] of Object.entries(messages)) {
    it(`of ${what} names the settings of the place where they are`, () => {
      assert.match(message(), /AUTH0_/);
      assert.doesNotMatch(message(), ofEditor);
      speakIn('editor');
      assert.match(message(), ofEditor);
      assert.doesNotMatch(message(), ofTerminal);
    });
  }

  const ofMachine: Record<string, () => string> = {
    'a certificate that is not trusted': () =>
      connectionFailure(
        Object.assign(new Error('no'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
        'example.com',
      ) ?? '',
    'a directory that cannot be written': () => storageFailed('/data', new Error('full')).message,
    ...Object.fromEntries(
      (['link', 'owner', 'shared', 'writable', 'kind'] as const).map(fault => [
        `a directory of ours with the fault ${fault}`,
        () => unprovenDirectory('/data', fault).message,
      ]),
    ),
  };
  for (const [what, message] of Object.entries(ofMachine)) {
    it(`of ${what} names no variable of the environment in the editor`, () => {
      assert.match(message(), /OMNISPINDLE_|NODE_/);
      speakIn('editor');
      assert.notEqual(message(), '');
      assert.doesNotMatch(message(), /OMNISPINDLE_|NODE_/);
      assert.doesNotMatch(message(), ofTerminal);
    });
  }

  it('of two accounts of one name has no options of a command line in the editor', () => {
    const session = (label: string) => ({ account: { id: label, label, email: 'ada@example.com' } });
    const named = () => thrown(() => sessionNamed([session('ada 1'), session('ada 2')], 'ada@example.com'));
    assert.match(named(), /--account/);
    speakIn('editor');
    assert.doesNotMatch(named(), ofTerminal);
  });

  it('names no variable beside the setting of an editor that stands for it', () => {
    const both = /omnispindle\.(?:auth0|signIn)\.\w+[^.']{0,30}(?:AUTH0_|CALLBACK_PORT)/;
    for (const file of globSync('src/**/*.ts', { cwd: root })) {
      assert.doesNotMatch(
        readFileSync(join(root, file), 'utf8').replaceAll(/^.*\['omnispindle.*$/gm, ''),
        both,
        file,
      );
    }
  });
});
