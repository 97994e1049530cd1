import assert from 'node:assert/strict';
import { createAudienceConsents } from '../../src/editor/audienceConsents.ts';
import { createGlobalState } from './globalState.ts';

describe('the consent to an API', () => {
  const notes = { account: 'auth0|ada', audience: 'https://notes.example/mcp', scopes: ['notes:read'] };

  it('covers that API, account, tenant and those scopes, and nothing else', async () => {
    let issuer = 'https://one.example/';
    const consents = createAudienceConsents(createGlobalState(), () => issuer);
    assert.equal(consents.covers(notes), false);
    await consents.add(notes);
    assert.equal(consents.covers(notes), true);
    assert.equal(consents.covers({ ...notes, scopes: ['openid'] }), true);
    assert.equal(consents.covers({ ...notes, scopes: ['notes:read', 'notes:write'] }), false);
    assert.equal(consents.covers({ ...notes, scopes: ['notes:read notes:write'] }), false);
    assert.equal(consents.covers({ ...notes, account: 'auth0|grace' }), false);
    assert.equal(consents.covers({ ...notes, audience: 'https://bank.example/mcp' }), false);
    issuer = 'https://other.example/';
    assert.equal(consents.covers(notes), false);
  });

  it('grows by the scopes of the next question', async () => {
    const consents = createAudienceConsents(createGlobalState(), () => 'https://one.example/');
    await consents.add(notes);
    await consents.add({ ...notes, scopes: ['notes:write'] });
    assert.equal(consents.covers({ ...notes, scopes: ['notes:write', 'notes:read'] }), true);
  });

  it('is asked for again where what is kept cannot be read', async () => {
    const state = createGlobalState();
    await state.update('audienceConsents', [{ audience: notes.audience }]);
    assert.equal(createAudienceConsents(state, () => 'https://one.example/').covers(notes), false);
  });
});
