import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { OmnispindleApi } from '../../../src/editor/api.ts';
import { tenantControl } from '../../tenant/control.ts';
import { remotePerson } from '../person.ts';

function fromRunner(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is set by test/editor/run.ts; start the suite with "npm run test:editor".`);
  return value;
}

export const person = remotePerson(fromRunner('OMNISPINDLE_PERSON'));
export const tenant = tenantControl(fromRunner('OMNISPINDLE_TENANT'));

/** The path of a stdio server that reads its token from a variable. */
export const environmentServer = fromRunner('OMNISPINDLE_ENVIRONMENT_SERVER');

/** Waits until `look` finds something, and returns it. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = 20_000,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${String(patience / 1000)} s.`);
    await delay(100);
  }
}

export async function setOption(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('omnispindle')
    .update(key, value, vscode.ConfigurationTarget.Global);
}

/** Who is signed in, by the API our extension exports. */
export async function account(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<OmnispindleApi>('omnispindle.omnispindle');
  return (await (await extension?.activate())?.getAccount())?.label;
}

const serverId = 'omnispindle.omnispindle/Omnispindle';

/** Starts the bundled server as the editor's own button does; the editor may first have to hear of it. */
export async function startServer(): Promise<void> {
  await vscode.extensions.getExtension('omnispindle.omnispindle')?.activate();
  await eventually(
    'the start of the server',
    async () => {
      await vscode.commands.executeCommand('workbench.mcp.startServer', serverId, { waitForLiveTools: true });
      return vscode.lm.tools.some(tool => tool.name.endsWith('_whoami'));
    },
    60_000,
  );
}

/** Calls a tool as an agent does. @returns its text */
export async function callTool(name: string, input: Record<string, unknown> = {}): Promise<string> {
  const tool = await eventually(`the tool ${name}`, () =>
    vscode.lm.tools.find(candidate => candidate.name.endsWith(`_${name}`)),
  );
  const result = await vscode.lm.invokeTool(tool.name, { input, toolInvocationToken: undefined });
  return result.content
    .map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : JSON.stringify(part)))
    .join('\n');
}

/** Begins to sign in by the command; the person's part at the tenant is the caller's. */
export async function signInByCommand(): Promise<void> {
  await person.runCommand('Omnispindle: Sign In');
  await person.press('Allow');
}

export async function signOutByCommand(): Promise<void> {
  await person.runCommand('Omnispindle: Sign Out');
  await person.press('Sign Out');
  await eventually('the sign-out', async () => (await account()) === undefined);
}

export function clipboard(): Thenable<string> {
  return vscode.env.clipboard.readText();
}
