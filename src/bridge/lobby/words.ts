import * as l10n from '@vscode/l10n';
import { plainLine } from '../../common/plainText.ts';
import { isObject } from '../../common/isObject.ts';
import type { Items } from './lists.ts';

/** The tool that stands for all others, where nobody is signed in and none of them is known. */
export const signInTool = 'sign_in';

/** How many tools are named. */
const mostNamed = 100;

/** That tool, as a client lists it. @param name the server's */
export function describeSignIn(name: string): Readonly<Record<string, unknown>> {
  const title = l10n.t('Sign in to {0}', name);
  return {
    name: signInTool,
    title,
    description: l10n.t(
      'The tools of {0} show up after a sign-in, and nobody is signed in yet. Call this tool when the person wants to use {0}: a page opens in their browser, where they sign in. The answer names the tools that there are then.',
      name,
    ),
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    // Clients ask before they call a tool that changes something; the sign-in asks the person by itself.
    annotations: { title, readOnlyHint: true },
  };
}

/** What that tool answers. @param tools those of the server; undefined where it did not say */
export function signedIn(name: string, account: string | undefined, tools: Items | undefined): string {
  const done =
    account === undefined || account === ''
      ? l10n.t('You are signed in to {0}.', name)
      : l10n.t('You are signed in to {0} as {1}.', name, plainLine(account));
  const names = (tools ?? []).flatMap(tool =>
    isObject(tool) && typeof tool['name'] === 'string' ? [plainLine(tool['name'])] : [],
  );
  if (names.length === 0) {
    return tools
      ? l10n.t('{0} It has no tools for this account.', done)
      : l10n.t('{0} It did not say yet which tools it has: list them again.', done);
  }
  const more = names.length - mostNamed;
  const named = names.slice(0, mostNamed).join(', ');
  return l10n.t(
    '{0} Its tools are: {1}.',
    done,
    more > 0 ? l10n.t('{0} and {1} more', named, String(more)) : named,
  );
}
