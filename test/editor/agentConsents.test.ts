import assert from 'node:assert/strict';
import { createAgentConsents } from '../../src/editor/agentConsents.ts';
import { createGlobalState } from './globalState.ts';

describe('the consent to an agent', () => {
  const loom = { server: 'Loom', target: 'https://loom.example/mcp', agent: 'harness' };

  it('[E2] is for that agent, server, address and tenant, and nothing else', async () => {
    let issuer = 'https://one.example/';
    const consents = createAgentConsents(createGlobalState(), () => issuer);
    await consents.add(loom);
    assert.equal(consents.has(loom), true);
    assert.equal(consents.has({ ...loom, agent: 'another' }), false);
    assert.equal(consents.has({ ...loom, server: 'Another' }), false);
    assert.equal(consents.has({ ...loom, target: 'https://evil.example/mcp' }), false);
    issuer = 'https://other.example/';
    assert.equal(consents.has(loom), false);
    assert.deepEqual(consents.list(), []);
  });

  it('[E2] is taken back alone, and is kept for a bounded number', async () => {
    const consents = createAgentConsents(createGlobalState(), () => 'https://one.example/');
    const agents = Array.from({ length: 300 }, (_none, at) => ({ ...loom, agent: `agent ${String(at)}` }));
    for (const use of agents) await consents.add(use);
    assert.equal(consents.list().length, 256);
    assert.equal(consents.has({ ...loom, agent: 'agent 0' }), false);
    await consents.remove([{ ...loom, agent: 'agent 299' }]);
    assert.equal(consents.has({ ...loom, agent: 'agent 299' }), false);
    assert.equal(consents.has({ ...loom, agent: 'agent 298' }), true);
  });

  it('[E2] is asked for again where what is kept cannot be read', async () => {
    const state = createGlobalState();
    await state.update('agentConsents', [{ server: 'Loom' }]);
    assert.equal(createAgentConsents(state, () => 'https://one.example/').has(loom), false);
  });
});
