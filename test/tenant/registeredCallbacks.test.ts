import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkCallback } from '../../src/auth/callbackCheck.ts';
import { failsWith } from '../auth/fixtures.ts';
import { callback } from './callbackPort.ts';
import { registeredCallbacks } from './registeredCallbacks.ts';
import { useTenant } from './useTenant.ts';

/** The callbacks that stand in the README's text about a tenant of one's own. */
function callbacksInReadme(): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## Your own tenant\n(.*?)^## /ms.exec(readme) ?? [];
  return [...section.matchAll(/`([a-z][a-z+.-]*:\/\/\S+?\/callback)`/g)].map(([, address = '']) => address);
}

describe('the callbacks that the demo tenant has registered', () => {
  const given = useTenant();

  it('[E7] are exactly those that the README tells people to register', () => {
    assert.ok(callbacksInReadme().length >= 2);
    assert.deepEqual(callbacksInReadme().toSorted(), registeredCallbacks.toSorted());
  });

  it('[E7] are allowed, with the one of the port that these tests use', async () => {
    for (const address of [...callbacksInReadme(), callback]) await checkCallback(given.tenant, address);
  });

  for (const scheme of ['vscode-insiders', 'vscodium', 'cursor', 'windsurf', 'code-oss']) {
    it(`[E7] do not include the one of ${scheme}, as a tenant that was set up by the README`, async () => {
      await failsWith(
        checkCallback(given.tenant, `${scheme}://omnispindle.omnispindle/callback`),
        'callback_mismatch',
      );
    });
  }
});
