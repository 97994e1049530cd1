import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { OmnispindleApi } from '../../../src/editor/api.ts';
import { tenantControl } from '../../tenant/control.ts';
import type { SuiteApis } from '../parts.ts';
import { remotePerson } from '../person.ts';
import { eventually } from '../../eventually.ts';

export { eventually } from '../../eventually.ts';
export { callTool, keepsTools, startServer } from './agent.ts';

function fromRunner(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is set by test/editor/run.ts; start the suite with "npm run test:editor".`);
  return value;
}

export const person = remotePerson(fromRunner('OMNISPINDLE_PERSON'));
export const tenant = tenantControl(fromRunner('OMNISPINDLE_TENANT'));

/** The path of a stdio server that reads its token from a variable. */
export const environmentServer = fromRunner('OMNISPINDLE_ENVIRONMENT_SERVER');

/** The path of a stdio server that tells its token. */
export const tokenServer = fromRunner('OMNISPINDLE_TOKEN_SERVER');

/** The APIs of the tenant besides the default one. */
export const apis = JSON.parse(fromRunner('OMNISPINDLE_SUITE_APIS')) as SuiteApis;

export async function setOption(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('omnispindle')
    .update(key, value, vscode.ConfigurationTarget.Global);
}

/**
 * A flow that comes back from the browser by itself: loopback, but where an address for the browser is more than a port,
 * code-server 4.105 leaves the rest out.
 */
export const browserFlow =
  vscode.env.uiKind === vscode.UIKind.Web && vscode.version.startsWith('1.105.') ? 'uriHandler' : 'loopback';

/** What our extension exports. */
export async function api(): Promise<OmnispindleApi> {
  const extension = vscode.extensions.getExtension<OmnispindleApi>('omnispindle.omnispindle');
  assert.ok(extension);
  return extension.activate();
}

/** Who is signed in, by the API our extension exports. */
export async function account(): Promise<string | undefined> {
  return (await (await api()).getAccount())?.label;
}

/** Begins to sign in by the command; the person's part at the tenant is the caller's. */
export async function signInByCommand(): Promise<void> {
  const isAnother = (await vscode.authentication.getAccounts('omnispindle')).length > 0;
  await person.runCommand(`Omnispindle: Sign In${isAnother ? ' with Another Account…' : ''}`);
  await person.press('Allow');
}

export async function signOutByCommand(): Promise<void> {
  await signedOut(undefined, async () => {
    await person.runCommand('Omnispindle: Sign Out');
    await person.press('Sign Out');
  });
}

/**
 * Waits until a sign-out counts for running servers, too, which have their tokens taken back after the
 * session is gone from the store.
 * @param left who is signed in afterwards
 * @param act what the person does
 */
export async function signedOut(left: string | undefined, act: () => Promise<void>): Promise<void> {
  let isTold = false;
  const watching = (await api()).onDidChangeAccount(now => {
    isTold ||= now?.label === left;
  });
  try {
    await act();
    await eventually('the sign-out', async () => isTold && (await account()) === left);
  } finally {
    watching.dispose();
  }
}

export function clipboard(): Thenable<string> {
  return vscode.env.clipboard.readText();
}
