import assert from 'node:assert/strict';
import { createRunningServers, type JoinedServer } from '../../src/editor/runningServers.ts';

describe('the servers that run in an editor', () => {
  let revoked: string[];
  let changes: number;
  let chosen: string[];
  let preferred: string | undefined;
  let present: string[];
  let joined: JoinedServer[];
  const start = () => {
    const running = createRunningServers({
      onRestart: () => changes++,
      isChosen: server => chosen.includes(server),
      preferredAccount: () => Promise.resolve(preferred),
      accounts: () => Promise.resolve(present),
      joined: () => joined,
    });
    const add = (server: string, account: string) => {
      running.add(server, {
        account,
        grant: {
          revoke() {
            revoked.push(server);
            return Promise.resolve();
          },
        },
      });
    };
    add('Notes', 'ada');
    return { ...running, add };
  };
  beforeEach(() => {
    revoked = [];
    changes = 0;
    chosen = [];
    preferred = 'ada';
    present = ['ada', 'grace'];
    joined = [];
  });

  /** One that an agent has started. */
  const join = (server: string, account: string | undefined) => {
    const its = { server, account, drop: () => revoked.push(`${server} of an agent`) };
    joined.push(its);
  };

  it('are started again by another revision, once their tokens have ended', async () => {
    const { restart, revision } = start();
    assert.equal(revision('Notes'), 0);
    await restart('Notes');
    assert.deepEqual([revision('Notes'), changes, revoked], [1, 1, ['Notes']]);
    await restart('Notes');
    assert.deepEqual([revision('Notes'), revoked], [2, ['Notes']]);
  });

  it('go on where the editor prefers the account that they run as', async () => {
    const { followAccounts, revision } = start();
    await followAccounts(false);
    await followAccounts(true);
    assert.equal(revision('Notes'), 0);
  });

  it('are started again where the editor prefers another account', async () => {
    const { followAccounts, revision } = start();
    preferred = 'grace';
    await followAccounts(false);
    assert.equal(revision('Notes'), 1);
  });

  it('wait for the next sign-in where their account is signed out', async () => {
    const { followAccounts, revision } = start();
    preferred = 'grace';
    present = ['grace'];
    await followAccounts(false);
    assert.equal(revision('Notes'), 0);
    await followAccounts(true);
    assert.equal(revision('Notes'), 1);
  });

  it('keep the account that was chosen for them', async () => {
    const { followAccounts, add, revision } = start();
    add('Bank', 'ada');
    chosen = ['Bank'];
    preferred = 'grace';
    await followAccounts(true);
    assert.deepEqual([revision('Notes'), revision('Bank')], [1, 0]);
  });

  it('[E2] of an agent ask for another key where the editor prefers another account, or one is chosen', async () => {
    const { followAccounts, restart, revision } = start();
    join('Notes', 'grace');
    join('Bank', 'ada');
    join('Wool', undefined);
    await followAccounts(false);
    assert.deepEqual([revision('Notes'), revoked], [0, ['Notes of an agent']]);
    await restart('Bank');
    assert.deepEqual(revoked, ['Notes of an agent', 'Bank of an agent']);
  });

  it('are all started again when the tenant changes', () => {
    const { restartAll, add, revision } = start();
    add('Bank', 'grace');
    restartAll();
    assert.deepEqual([revision('Notes'), revision('Bank'), changes], [1, 1, 2]);
  });
});
