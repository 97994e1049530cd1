import assert from 'node:assert/strict';
import { createGivenTokens } from '../../src/editor/givenTokens.ts';

describe('the tokens that this window gave', () => {
  const account = { id: 'auth0|ada', label: 'ada@example.com' };

  it('are known with what they were given for, and no others are', () => {
    const given = createGivenTokens();
    const notes = { account, audience: 'https://notes.example/mcp', scopes: ['notes:read'] };
    given.add('token of notes', notes);
    given.add('token', { account, scopes: [] });
    assert.deepEqual(given.find('token of notes'), notes);
    assert.deepEqual(given.find('token'), { account, scopes: [] });
    for (const other of ['', 'token of', 'made up']) assert.equal(given.find(other), undefined);
  });

  it('are forgotten, the first ones first, where there are too many', () => {
    const given = createGivenTokens();
    for (let count = 0; count <= 1_024; count++) given.add(String(count), { account, scopes: [] });
    assert.equal(given.find('0'), undefined);
    assert.ok(given.find('1') && given.find('1024'));
  });
});
