import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { withTokenFor } from '../sessions/accessTokens.ts';
import { isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { answers } from '../sessions/matching.ts';
import type { Session } from '../sessions/session.ts';
import { showError } from './messages.ts';

/** The provider's id for `vscode.authentication.getSession`, as in package.json. */
export const providerId = 'omnispindle';
const providerLabel = 'Omnispindle';

/** A change of sessions, in this window or another. */
type SessionsChange = vscode.AuthenticationProviderAuthenticationSessionsChangeEvent;

/** The editor's view of our sessions, and news of their changes. */
export interface Provider extends vscode.Disposable {
  readonly onDidChangeSessions: vscode.Event<SessionsChange>;
  /** Looks for changes, for example after the settings have changed. */
  refresh(): Promise<void>;
}

/**
 * Registers the AuthenticationProvider (VS Code API, `authentication.registerAuthenticationProvider`).
 * Its events come from comparing what is stored with what was, so they are right in every window.
 */
export function registerAuthenticationProvider(authenticator: Authenticator, log: Log): Provider {
  const changed = new vscode.EventEmitter<SessionsChange>();
  let known = new Map<string, vscode.AuthenticationSession>();
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const found = new Map((await listed()).map(session => [session.id, withoutScopes(session)]));
    const before = known;
    known = found;
    const added = [...found.values()].filter(({ id }) => !before.has(id));
    const removed = [...before.values()].filter(({ id }) => !found.has(id));
    const renewed = [...found.values()].filter(({ id, accessToken }) => {
      const old = before.get(id);
      return old !== undefined && old.accessToken !== accessToken;
    });
    if (added.length + removed.length + renewed.length > 0) {
      changed.fire({ added, removed, changed: renewed });
    }
  }

  /** One look after the other: two at once would report a change twice. */
  function refresh(): Promise<void> {
    looking = looking.then(look).catch((error: unknown) => {
      log.error(String(error));
    });
    return looking;
  }

  async function listed(): Promise<Session[]> {
    try {
      return await authenticator.list();
    } catch (error) {
      showError(error, log);
      return [];
    }
  }

  const provider: vscode.AuthenticationProvider = {
    onDidChangeSessions: changed.event,

    async getSessions(scopes, { account }) {
      const matching = (await listed()).filter(session =>
        answers(session, { ...(account && { account: account.id }), ...(scopes && { scopes }) }),
      );
      // Without scopes the editor only fills its Accounts menu: nothing is in use, nothing is renewed.
      if (!scopes) return matching.map(withoutScopes);
      const sessions = await Promise.all(matching.map(session => renewed(session, scopes)));
      return sessions.filter(session => session !== undefined).map(toEditorSession);
    },

    async createSession(scopes, { account }) {
      try {
        const session = await authenticator.signIn({
          scopes,
          ...(account && { account: account.id, hints: { loginHint: account.label } }),
        });
        await refresh();
        return toEditorSession(session);
      } catch (error) {
        showError(error, log);
        throw error;
      }
    },

    async removeSession(id) {
      await authenticator.signOut(id);
      await refresh();
    },
  };

  async function renewed(session: Session, scopes: readonly string[]): Promise<Session | undefined> {
    try {
      return await authenticator.silent({ account: session.account.id, scopes });
    } catch (error) {
      if (!isOmnispindleError(error)) throw error;
      log.warn(error.message);
      return withTokenFor(session, scopes);
    }
  }

  const watching = authenticator.onDidChange(() => void refresh());
  void refresh();
  const registration = vscode.authentication.registerAuthenticationProvider(
    providerId,
    providerLabel,
    provider,
    {
      supportsMultipleAccounts: true,
    },
  );
  return {
    onDidChangeSessions: changed.event,
    refresh,
    dispose() {
      registration.dispose();
      watching.dispose();
      changed.dispose();
    },
  };
}

function toEditorSession(session: Session): vscode.AuthenticationSession {
  const { id, accessToken, account, scopes, tokenScopes = scopes } = session;
  return { id, accessToken, account: { id: account.id, label: account.label }, scopes: tokenScopes };
}

/** The session as a list shows it: who it is, and no token that is for certain scopes. */
function withoutScopes(session: Session): vscode.AuthenticationSession {
  const { id, account, scopes } = session;
  const accessToken = withTokenFor(session, [])?.accessToken ?? '';
  return { id, accessToken, account: { id: account.id, label: account.label }, scopes };
}
