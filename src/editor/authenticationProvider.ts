import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { withTokenFor } from '../sessions/accessTokens.ts';
import { heldFor } from '../sessions/audiences.ts';
import { isOmnispindleError, messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { answers } from '../sessions/matching.ts';
import type { Session } from '../sessions/session.ts';
import { editorAccount, namedRequest } from './accountId.ts';
import { createAnnouncements, listed, type ListedSession } from './announcements.ts';
import type { AudienceConsents } from './audienceConsents.ts';
import type { GivenTokens } from './givenTokens.ts';
import { late } from './late.ts';
import { showError } from './messages.ts';
import { notice } from './notice.ts';
import { readScopeList, type ScopeList } from './scopeList.ts';
import { tenantSetting } from './settings.ts';

/** The provider's id for `vscode.authentication.getSession`, as in package.json. */
export const providerId = 'omnispindle';
const providerLabel = 'Omnispindle';

/** A change of who is signed in, in this window or another. */
interface AccountsChange {
  readonly signedIn: boolean;
  readonly signedOut: boolean;
}

/** The editor's view of our sessions, and news of their changes. */
export interface Provider extends vscode.Disposable {
  readonly onDidChangeAccounts: vscode.Event<AccountsChange>;
  /** Hears after each look, the first one too, who is signed in. */
  readonly onDidLook: vscode.Event<readonly Session[]>;
  /** Looks for changes, for example after the settings have changed. */
  refresh(): Promise<void>;
  /** Why the last sign-in that failed has failed, of those that the editor had the provider do. */
  lastFailure(): unknown;
}

/** The parts that the provider is made of. */
export interface ProviderOptions {
  readonly authenticator: Authenticator;
  readonly consents: () => Promise<AudienceConsents>;
  readonly given: GivenTokens;
  readonly log: Log;
}

/**
 * Registers the AuthenticationProvider (VS Code API, `authentication.registerAuthenticationProvider`).
 * Its events come from comparing what is stored with what was, so they are right in every window.
 */
export function registerAuthenticationProvider(options: ProviderOptions): Provider {
  const { authenticator, given, log } = options;
  const changed = new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  const accountsChanged = new vscode.EventEmitter<AccountsChange>();
  const looked = new vscode.EventEmitter<readonly Session[]>();
  const editorSignIn = late(async () => {
    const { createEditorSignIn } = await import('./editorSignIn.ts');
    return createEditorSignIn(authenticator, await options.consents());
  });
  /** Loaded with the sessions. */
  let consents: Pick<AudienceConsents, 'covers'> = { covers: () => false };
  /** The stored sessions as they were at the last look. */
  let stored: readonly Session[] = [];
  let looking = Promise.resolve();
  let lastFailure: unknown;
  /** Why the sessions could not be listed at the last look. */
  let listFailure: string | undefined;

  const announcements = createAnnouncements(({ id }, list) => {
    const session = stored.find(one => one.id === id);
    return session !== undefined && isFor(session, read(list));
  });

  async function look(): Promise<void> {
    const { added, removed, changed: renewed, signedIn } = announcements.look((await all()).map(inList));
    if (added.length + removed.length + renewed.length > 0) {
      changed.fire({ added, removed, changed: renewed });
    }
    const signedOut = removed.length > 0;
    looked.fire(stored);
    if (signedIn || signedOut) accountsChanged.fire({ signedIn, signedOut });
  }

  /** One look after the other: two at once would report a change twice. */
  function refresh(): Promise<void> {
    looking = looking.then(look).catch((error: unknown) => {
      log.error(String(error));
    });
    return looking;
  }

  async function all(): Promise<readonly Session[]> {
    try {
      consents = await options.consents();
      stored = await authenticator.list();
      listFailure = undefined;
    } catch (error) {
      // The editor asks often.
      if (messageOf(error) !== listFailure) showError(error, log);
      listFailure = messageOf(error);
      stored = [];
    }
    return stored;
  }

  /** Whether the person was asked for that already: nothing is given silently otherwise. */
  function isFor(session: Session, wanted: ScopeList | undefined): boolean {
    if (!wanted) return false;
    const { audience, scopes } = wanted;
    if (audience === undefined) return answers(session, { scopes });
    return consents.covers({ account: editorAccount(session.account).id, audience, scopes });
  }

  function give(session: Session, list: readonly string[], wanted: ScopeList): vscode.AuthenticationSession {
    const { id, accessToken, account } = session;
    const shown = editorAccount(account);
    given.add(accessToken, { ...wanted, account: shown });
    return { id, accessToken, account: shown, scopes: [...list] };
  }

  const provider: vscode.AuthenticationProvider = {
    onDidChangeSessions: changed.event,

    async getSessions(list, options) {
      const account = accountIn(options);
      const sessions = (await all()).filter(session => account === undefined || isOf(session, account));
      // Without scopes the editor only fills its Accounts menu: nothing is in use, nothing is renewed.
      if (!list) return sessions.map(session => listed(inList(session)));
      // What is wrong with it is said where a session is to be made, and never in place of the editor's own question.
      const wanted = read(list);
      if (!wanted) return [];
      announcements.heard(list, stored.map(inList));
      const found = await Promise.all(
        sessions.filter(session => isFor(session, wanted)).map(session => renewed(session, wanted)),
      );
      return found.filter(session => session !== undefined).map(session => give(session, list, wanted));
    },

    async createSession(list, options) {
      const account = accountIn(options);
      try {
        const wanted = readScopeList(list, tenantSetting().audience);
        announcements.heard(list, (await all()).map(inList));
        const signIn = await editorSignIn();
        const session = await signIn(wanted, account);
        await refresh();
        return give(session, list, wanted);
      } catch (error) {
        lastFailure = error;
        showError(error, log);
        throw error;
      }
    },

    async removeSession(id) {
      await authenticator.signOut(id);
      await refresh();
    },
  };

  async function renewed(session: Session, wanted: ScopeList): Promise<Session | undefined> {
    try {
      return await authenticator.silent({ ...namedRequest(session.account), ...wanted });
    } catch (error) {
      if (!isOmnispindleError(error)) throw error;
      log.warn(error.message);
      return heldFor(session, wanted);
    }
  }

  const watching = authenticator.onDidChange(() => void refresh());
  void refresh();
  const registration = register(provider, log);
  return {
    onDidChangeAccounts: accountsChanged.event,
    onDidLook: looked.event,
    refresh,
    lastFailure: () => lastFailure,
    dispose() {
      registration?.dispose();
      watching.dispose();
      changed.dispose();
      accountsChanged.dispose();
      looked.dispose();
    },
  };
}

/** The account that the editor means; older editors give no options. */
function accountIn(
  options: vscode.AuthenticationProviderSessionOptions | undefined,
): vscode.AuthenticationSessionAccountInformation | undefined {
  return options?.account;
}

/** Registers it. Where that cannot be, the person is told why, and what needs no provider works. */
function register(provider: vscode.AuthenticationProvider, log: Log): vscode.Disposable | undefined {
  try {
    return vscode.authentication.registerAuthenticationProvider(providerId, providerLabel, provider, {
      supportsMultipleAccounts: true,
    });
  } catch (error) {
    log.error(messageOf(error));
    const isTaken = /already registered/.test(messageOf(error));
    const text = isTaken
      ? vscode.l10n.t(
          'Another extension has registered the sign-in "{0}" already, so that of Omnispindle cannot be used in this window. Disable the other extension, then reload the window.',
          providerId,
        )
      : vscode.l10n.t(
          'The editor did not take Omnispindle’s sign-in ({0}). Sign in with "Omnispindle: Sign In with a Device Code".',
          messageOf(error),
        );
    const withCode = vscode.l10n.t('Sign In with a Device Code');
    void vscode.window.showErrorMessage(notice(text), ...(isTaken ? [] : [withCode])).then(choice => {
      if (choice === withCode) void vscode.commands.executeCommand('omnispindle.signInWithDeviceCode');
    });
    return undefined;
  }
}

/** What a list asks for; undefined where it or the settings are wrong, which whoever asks for it is told. */
function read(list: readonly string[]): ScopeList | undefined {
  try {
    return readScopeList(list, tenantSetting().audience);
  } catch {
    return undefined;
  }
}

function isOf({ account }: Session, { id }: vscode.AuthenticationSessionAccountInformation): boolean {
  return editorAccount(account).id === id;
}

/** The session as a list shows it: who it is, and no token that is for certain scopes. */
function inList(session: Session): ListedSession {
  const { id, account } = session;
  const accessToken = withTokenFor(session, [])?.accessToken ?? '';
  return { id, accessToken, account: editorAccount(account) };
}
