import assert from 'node:assert/strict';

type Module = typeof import('../../src/mcp/clientName.ts');
let fresh = 0;

/** A process of its own keeps one name; here each test has a module of its own. */
const load = () => import(`../../src/mcp/clientName.ts?${String(++fresh)}`) as Promise<Module>;

describe('what a client calls itself', () => {
  const said: Record<string, unknown> = {
    'its handshake': {
      id: 1,
      method: 'initialize',
      params: { clientInfo: { name: 'harness', version: '1' } },
    },
    'each request of the newer era': {
      id: 1,
      method: 'tools/call',
      params: { name: 'whoami', _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'harness' } } },
    },
    'a batch': [
      { method: 'notifications/initialized' },
      { id: 1, method: 'initialize', params: { clientInfo: { name: 'harness' } } },
    ],
  };
  for (const [where, message] of Object.entries(said)) {
    it(`[E2] is heard in ${where}`, async () => {
      const { hearClientName, clientName } = await load();
      assert.equal(clientName(), undefined);
      hearClientName(Buffer.from(JSON.stringify(message)));
      assert.equal(clientName(), 'harness');
    });
  }

  it('[E2] is the first name that it says, and no longer than 200 characters', async () => {
    const { hearClientName, clientName } = await load();
    const initialize = (name: unknown) =>
      JSON.stringify({ id: 1, method: 'initialize', params: { clientInfo: { name } } });
    for (const none of [7, '', ' ', { toString: 'x' }]) hearClientName(initialize(none));
    hearClientName('{"clientInfo": nonsense');
    hearClientName(initialize(`x${'y'.repeat(300_000)}`));
    assert.equal(clientName(), undefined);
    hearClientName(initialize('y'.repeat(1_000)));
    hearClientName(initialize('another'));
    assert.equal(clientName(), 'y'.repeat(200));
  });
});
