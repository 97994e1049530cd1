import type { Allowed, Waiting } from '../broker/allowed.ts';
import type { FindTerms } from '../broker/terms.ts';
import type { Log } from '../common/log.ts';
import type { Authenticator } from '../sessions/authenticator.ts';
import type { Detachable } from '../sessions/detachable.ts';
import { accountRequest, type EditorAccount } from './accountId.ts';
import type { ChosenSession } from './chosenSession.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import { preferredAccount, sessionByConsent } from './consent.ts';
import { targetOf } from './launch.ts';
import type { SecretStore } from './secretStore.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import { createServerAudiences } from './serverAudience.ts';
import { createServerQuestions } from './serverQuestions.ts';
import type { ServerSignIns } from './serverSignIns.ts';

/** The parts that decide as whom a server runs, and what it may have. */
export interface ServerTermsOptions {
  readonly authenticator: Authenticator;
  readonly accounts: ServerAccounts;
  readonly answers: ServerAnswers;
  readonly secrets: Pick<SecretStore, 'of'>;
  readonly chosenSession: ChosenSession;
  readonly signIns: ServerSignIns;
  readonly log: Log;
}

/** A server whose terms are to be found. */
interface StartedServer {
  readonly name: string;
  /** As the setting has it; absent for the bundled one. */
  readonly configured?: ConfiguredServer | undefined;
  /** Hears as whom it runs, once that is known. */
  onAccount?(account: EditorAccount): void;
}

/** Makes what finds the terms of a server. */
export type TermsOf = (server: StartedServer) => FindTerms;

/**
 * Builds what finds, at the first request of a server, for which API its tokens are and as whom it runs. Whatever the person
 * must be asked for that, they are asked then: its start asks nothing.
 */
export function createServerTerms(options: ServerTermsOptions): TermsOf {
  const { authenticator, accounts, answers, secrets, chosenSession, signIns, log } = options;
  const audiences = createServerAudiences(answers, secrets);
  const questionsOf = createServerQuestions(answers);
  const pending = new Map<string, Detachable<EditorAccount>>();

  /** The account that was chosen for the server, else the one that the editor prefers for us. */
  async function accountOf(server: string, waiting: Waiting): Promise<EditorAccount> {
    const chosen = accounts.chosen(server);
    const known = () => (chosen ? signedIn(chosen) : preferredAccount());
    const ask = async () =>
      (await (chosen ? chosenSession(chosen, {}, server) : sessionByConsent({ server }))).account;
    const question = { server, purpose: JSON.stringify(chosen?.id), pending, chosen, known, ask };
    return (await known()) ?? signIns.ask(question, waiting);
  }

  async function signedIn(account: EditorAccount): Promise<EditorAccount | undefined> {
    return (await authenticator.silent(await accountRequest(authenticator, account))) && account;
  }

  /** The bundled server needs nothing but the default API. */
  function allowedTo(
    { name, configured }: StartedServer,
    account: EditorAccount,
    audience: string | undefined,
  ): Allowed {
    if (!configured || audience === undefined) return {};
    const asked = { name, account: account.label, target: targetOf(configured), audience };
    const scopes = [...(configured.scopes ?? []), ...answers.scopes(asked)];
    return { audience, scopes, ...questionsOf(asked) };
  }

  return server => async waiting => {
    const { name, configured } = server;
    const audience = configured && (await audiences.of(name, configured, waiting));
    const account = await accountOf(name, waiting);
    server.onAccount?.(account);
    log.info(`${name} runs as ${account.label}.`);
    const allowed = {
      ...allowedTo(server, account, audience),
      ...(configured && { secrets: (asking: Waiting) => secrets.of(name, configured, asking) }),
    };
    return { account: account.id, server: name, allowed };
  };
}
