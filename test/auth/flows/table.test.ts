import assert from 'node:assert/strict';
import { flowsFor } from '../../../src/auth/flows/table.ts';

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
});
