import assert from 'node:assert/strict';
import manifest from '../../../package.json' with { type: 'json' };
import { flowNames } from '../../../src/auth/flows/names.ts';
import { createFlows, flowsFor } from '../../../src/auth/flows/table.ts';

describe('the sign-in flows that are tried', () => {
  for (const [host, browserReachesLoopback, flows] of [
    ['desktop', true, ['uriHandler', 'loopback', 'deviceCode']],
    ['remote', false, ['uriHandler', 'deviceCode']],
    ['browser', false, ['deviceCode']],
    ['terminal', true, ['loopback', 'deviceCode']],
    ['terminal', false, ['deviceCode']],
  ] as const) {
    it(`are ${flows.join(', ')} for ${host}, where a browser ${browserReachesLoopback ? 'reaches' : 'does not reach'} its ports`, () => {
      assert.deepEqual(flowsFor({ host, browserReachesLoopback }), flows);
    });
  }

  it('are made in that order, those by the editor’s own address only where an editor brings them', () => {
    const uriHandler = { name: 'uriHandler', run: () => Promise.reject(new Error('not run')) } as const;
    const names = (host: object) => createFlows({ port: 8765, ...host }).map(({ name }) => name);
    assert.deepEqual(names({ uriHandler }), flowNames);
    assert.deepEqual(names({}), ['loopback', 'deviceCode']);
  });

  it('have among them each one that the editor’s setting offers', () => {
    const { enum: offered } = manifest.contributes.configuration.properties['omnispindle.signIn.flow'];
    const known: readonly string[] = ['auto', ...flowNames];
    assert.ok(offered.length > 1);
    for (const name of offered) assert.ok(known.includes(name), name);
  });
});
