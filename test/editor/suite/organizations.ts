import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { organization } from '../parts.ts';
import { account, browserFlow, eventually, person, setOption, signInByCommand, tenant } from './helpers.ts';

const ada = 'ada@example.com';
const grace = 'grace@gmail.example';
const inAcme = (label: string) => `${label} (${organization.name})`;

async function labels(): Promise<string[]> {
  return (await vscode.authentication.getAccounts('omnispindle')).map(({ label }) => label).sort();
}

/** Gives the command that link. */
async function accept(link: string): Promise<void> {
  await person.runCommand('Omnispindle: Accept Invitation…');
  await person.enter(link, 'Link of the invitation');
}

describe('organizations of a tenant', () => {
  before(async () => {
    await setOption('signIn.flow', browserFlow);
    await person.leaveTenant();
  });
  beforeEach(() => tenant.resetCounters());
  afterEach(() => person.closeTabs());
  after(async () => {
    await setOption('auth0.organization', undefined);
    await person.leaveTenant();
  });

  it('are signed in to by the setting, as accounts beside those without one', async () => {
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the account', async () => (await account()) === ada);
    await setOption('auth0.organization', organization.name);
    await eventually('nobody in the organization', async () => (await account()) === undefined);
    await person.closeTabs();
    await signInByCommand();
    await person.passThrough();
    await eventually('the account there', async () => (await account()) === inAcme(ada));
    await setOption('auth0.organization', undefined);
    await eventually('both accounts', async () => (await labels()).length === 2);
    assert.deepEqual(await labels(), [ada, inAcme(ada)]);
  });

  it('refuse whoever is no member, and say how to become one', async () => {
    await person.leaveTenant();
    await setOption('auth0.organization', organization.name);
    await signInByCommand();
    await person.choose('Sign in to another account');
    await person.signIn('google');
    await eventually('the refusal', async () =>
      (await person.readMessages()).includes(`You are no member of the organization ${organization.name}`),
    );
    await person.clearNotifications();
  });

  it('let in whoever is invited, once', async () => {
    const link = await tenant.invite(organization.id);
    await person.leaveTenant();
    await accept(link);
    await person.signIn('google');
    await eventually('the account there', async () => (await labels()).includes(inAcme(grace)));
    assert.equal((await tenant.counts()).acceptedInvitations, 1);
    await person.closeTabs();
    await accept(link);
    await person.passThrough();
    await eventually('the refusal', async () =>
      (await person.readMessages()).includes('The invitation has been used'),
    );
    await accept('https://elsewhere.example/');
    await eventually('what is wrong with the link', async () =>
      (await person.readMessages()).includes('invitation'),
    );
  });
});
