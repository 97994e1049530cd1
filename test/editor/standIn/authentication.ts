import type * as vscode from 'vscode';
import { Disposable, EventEmitter } from './basics.ts';
import type { createWindow } from './window.ts';

interface Registered {
  readonly label: string;
  readonly provider: vscode.AuthenticationProvider;
  readonly watching: Disposable;
}

/**
 * The editor's side of signing in: it asks the person before it gives our own extension a session, as VS Code does
 * (its MainThreadAuthentication), and remembers the yes by the account's label.
 * @param taken the ids of providers that another extension has registered
 */
export function createAuthentication(
  window: ReturnType<typeof createWindow>['api'],
  taken: readonly string[],
) {
  const providers = new Map<string, Registered>();
  const changed = new EventEmitter<vscode.AuthenticationSessionsChangeEvent>();
  const allowed = new Set<string>();
  let preferred: string | undefined;
  /** What the Accounts menu asks to sign in for, by the lists of scopes. */
  const requests = new Set<string>();

  function find(id: string): Registered {
    const found = providers.get(id);
    if (!found) throw new Error(`No authentication provider '${id}' is currently registered.`);
    return found;
  }

  async function agree(question: string, detail: string): Promise<void> {
    const answer = await window.showInformationMessage(question, { modal: true, detail }, 'Allow');
    if (answer !== 'Allow') throw new Error('User did not consent to login.');
  }

  async function getSession(
    id: string,
    scopes: readonly string[],
    options: vscode.AuthenticationGetSessionOptions = {},
  ): Promise<vscode.AuthenticationSession | undefined> {
    const { provider, label } = find(id);
    const given = options.account ? { account: options.account } : {};
    const sessions = await provider.getSessions([...scopes], given);
    const asked = options.createIfNone || options.forceNewSession;
    // Where the preference is to be chosen again, the person takes "Sign in to another account" of the editor's list.
    const asksForNew = options.forceNewSession !== undefined || (asked && options.clearSessionPreference);
    const known = asksForNew
      ? undefined
      : (sessions.find(({ account }) => account.label === preferred) ??
        sessions.find(({ account }) => allowed.has(account.label)) ??
        (asked ? sessions[0] : undefined));
    if (!asked) {
      if (!options.silent && sessions.length === 0) requests.add(scopes.join(' '));
      return known;
    }
    const detail = (typeof asked === 'object' && asked.detail) || '';
    if (known) {
      if (allowed.has(known.account.label)) return known;
      await agree(`The extension wants to access the ${label} account "${known.account.label}".`, detail);
      allowed.add(known.account.label);
      return known;
    }
    await agree(`The extension wants to sign in using ${label}.`, detail);
    const session = await provider.createSession([...scopes], given).then(undefined, (error: unknown) => {
      // It comes through another process of the editor, which keeps the message alone.
      throw new Error(error instanceof Error ? error.message : String(error));
    });
    allowed.add(session.account.label);
    preferred = session.account.label;
    return session;
  }

  return {
    /** The entries of the Accounts menu that ask to sign in, each by its scopes. */
    requests: () => [...requests],
    /** The provider of that id, to be called as an editor calls it. */
    provider: (id: string) => find(id).provider,
    api: {
      onDidChangeSessions: changed.event,
      getSession,
      async getAccounts(id: string) {
        return (await find(id).provider.getSessions(undefined, {})).map(({ account }) => account);
      },
      registerAuthenticationProvider(id: string, label: string, provider: vscode.AuthenticationProvider) {
        if (taken.includes(id) || providers.has(id)) {
          throw new Error(`An authentication provider with id '${id}' is already registered.`);
        }
        const watching = provider.onDidChangeSessions(({ added }) => {
          for (const session of added ?? []) requests.delete(session.scopes.join(' '));
          changed.fire({ provider: { id, label } });
        });
        providers.set(id, { label, provider, watching: Disposable.from(watching) });
        return new Disposable(() => {
          watching.dispose();
          providers.delete(id);
        });
      },
    },
  };
}
