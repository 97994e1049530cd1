import assert from 'node:assert/strict';
import { createServerAnswers } from '../../src/editor/serverAnswers.ts';
import { createGlobalState } from './globalState.ts';

describe('what the person said that a server may have', () => {
  const notes = { target: 'https://notes.example/mcp', audience: 'https://api.example' };
  const others = [
    { ...notes, target: 'https://bank.example/mcp' },
    { ...notes, audience: 'https://other.example' },
  ];

  it('counts for that address, API and tenant alone', async () => {
    let issuer = 'https://one.example/';
    const answers = createServerAnswers(createGlobalState(), () => issuer);
    await answers.allowDefault(notes);
    await answers.allowScopes(notes, ['notes:write']);
    await answers.allowScopes(notes, ['notes:delete notes:write']);
    assert.equal(answers.mayHaveDefault(notes), true);
    assert.deepEqual(answers.scopes(notes), ['notes:write', 'notes:delete']);
    for (const other of others) {
      assert.equal(answers.mayHaveDefault(other), false);
      assert.deepEqual(answers.scopes(other), []);
    }
    issuer = 'https://other.example/';
    assert.equal(answers.mayHaveDefault(notes), false);
    assert.deepEqual(answers.scopes(notes), []);
  });

  it('is asked for again where what is kept cannot be read', async () => {
    const state = createGlobalState();
    await state.update('serverAnswers', { [notes.target]: true });
    const answers = createServerAnswers(state, () => 'https://one.example/');
    assert.equal(answers.mayHaveDefault(notes), false);
    await answers.allowDefault(notes);
    assert.equal(answers.mayHaveDefault(notes), true);
  });
});
