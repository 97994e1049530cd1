import assert from 'node:assert/strict';
import { createServerAccounts } from '../../src/editor/serverAccounts.ts';
import { createGlobalState } from './globalState.ts';

describe('the account that was chosen for a server', () => {
  const ada = { id: 'auth0|ada', label: 'ada@example.com' };

  it('[T4] does not stand for the account of the same id at another tenant', async () => {
    let issuer = 'https://one.example/';
    const accounts = createServerAccounts(createGlobalState(), () => issuer);
    await accounts.choose('notes', ada);
    assert.equal(accounts.chosen('notes')?.id, ada.id);
    assert.equal(accounts.find(ada.id)?.label, ada.label);
    issuer = 'https://other.example/';
    assert.equal(accounts.chosen('notes'), undefined);
    assert.equal(accounts.find(ada.id), undefined);
    issuer = 'https://one.example/';
    assert.equal(accounts.chosen('notes')?.id, ada.id);
    await accounts.choose('notes', undefined);
    assert.equal(accounts.chosen('notes'), undefined);
  });

  it('still counts where the first release has kept it', async () => {
    const state = createGlobalState();
    await state.update('serverAccounts', { notes: ada });
    const accounts = createServerAccounts(state, () => 'https://one.example/');
    assert.deepEqual(accounts.chosen('notes'), ada);
  });
});
