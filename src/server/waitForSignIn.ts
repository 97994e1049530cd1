import { createHash } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type ClientCapabilities,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { safeAddress } from '../auth/address.ts';
import { AuthError } from '../auth/authError.ts';
import { addressOf, type OnProgress } from '../sessions/signInEvent.ts';
import { elicitationWords } from '../mcp/elicitationWords.ts';
import { createUrlElicitation } from '../mcp/urlElicitation.ts';
import { createWaitingProgress, type WaitingProgress } from '../mcp/waitingProgress.ts';
import { refusalMessage, ToldError, type Authenticated } from './authenticate.ts';
import type { Gate } from './gate.ts';
import type { Era } from './stdio.ts';

/** What a sign-in is called among the requests for input of a call. */
const signIn = 'sign_in';

/** A call that may have to wait for a sign-in, and who can be asked about it. */
export interface WaitingCall {
  readonly gate: Gate;
  readonly era: Era;
  readonly server: McpServer;
  readonly call: ServerContext['mcpReq'];
}

interface GateCall extends WaitingCall {
  readonly waiting: WaitingProgress;
}

/**
 * Asks the gate who calls, and tells the client by progress what the call waits for; what it could not be told is in
 * the answer, or in the error.
 * @returns the caller, or the answer that asks for the sign-in
 * @throws ToldError where the gate stays closed, or the person has declined
 */
export async function waitForSignIn(given: WaitingCall): Promise<Authenticated | InputRequiredResult> {
  const { call } = given;
  const waiting = createWaitingProgress(
    { _meta: call._meta, sendNotification: news => call.notify(news), signal: call.signal },
    { withoutNews: () => l10n.t('Omnispindle is finding out who you are…') },
  );
  try {
    return await passGate({ ...given, waiting });
  } catch (error) {
    throw new ToldError(waiting.explain(refusalMessage(error)), error);
  } finally {
    waiting.stop();
  }
}

/**
 * Offers the address of a sign-in that is waited for to the person, as the client's era has it: by a request of its
 * own while the call waits (MCP 2025-11-25, "Elicitation"), or by an answer that asks for the call to come again (MCP
 * 2026-07-28, "Multi Round-Trip Requests"); the sign-in goes on until it does.
 */
async function passGate(given: GateCall): Promise<Authenticated | InputRequiredResult> {
  if (given.era === 'legacy') return whileAsking(given);
  const { call } = given;
  const answer = inputResponse(call.inputResponses, signIn);
  if (answer.kind === 'elicit' && answer.action !== 'accept') throw declined();
  // What is offered once more after it was accepted would be so for ever.
  const accepted = answer.kind === 'elicit' ? call.requestState() : undefined;
  return declaresUrl(call.envelope) ? untilAsked(given, accepted) : wait(given);
}

/** Waits at the gate, and lets the client ask the person meanwhile. */
async function whileAsking(given: GateCall): Promise<Authenticated> {
  const refused = Promise.withResolvers<never>();
  refused.promise.catch(() => undefined);
  const stop = new AbortController();
  const elicitation = createUrlElicitation(given.server.server, () => {
    refused.reject(declined());
    stop.abort();
  });
  try {
    return await Promise.race([
      wait(given, stop.signal, event => {
        const url = addressOf(event);
        if (url !== undefined) elicitation.offer(elicitationWords(event), url);
      }),
      refused.promise,
    ]);
  } finally {
    elicitation.finish();
  }
}

/** Waits at the gate until there is an address that the person has not accepted yet. */
async function untilAsked(given: GateCall, accepted: unknown): Promise<Authenticated | InputRequiredResult> {
  const asked = Promise.withResolvers<InputRequiredResult>();
  const stop = new AbortController();
  const passed = wait(given, stop.signal, event => {
    const url = addressOf(event);
    if (url === undefined || !safeAddress(url)) return;
    const requestState = stateOf(url);
    if (requestState === accepted) return;
    // What the client was not told by progress is in no other answer: the next one begins again.
    const message = elicitationWords(event, given.waiting.unheard);
    asked.resolve(
      inputRequired({ inputRequests: { [signIn]: inputRequired.elicitUrl({ message, url }) }, requestState }),
    );
    stop.abort();
  });
  return Promise.race([asked.promise, passed]);
}

async function wait(
  { gate, waiting }: GateCall,
  stop = new AbortController().signal,
  onEvent?: OnProgress,
): Promise<Authenticated> {
  const caller = await gate({
    signal: AbortSignal.any([waiting.signal, stop]),
    onProgress(event) {
      if (stop.aborted) return;
      onEvent?.(event);
      // The answer says it, where there is one now.
      if (!stop.aborted) waiting.tell(event);
    },
    // Where it takes no progress, the client finds it in the answer.
    onNotice: notice => !stop.aborted && (waiting.notice(notice) || notice.about === 'file'),
  });
  return { caller, notices: waiting.unheard };
}

function declaresUrl(envelope: ServerContext['mcpReq']['envelope']): boolean {
  // The SDK has checked it, but its types leave it empty.
  const { [CLIENT_CAPABILITIES_META_KEY]: capabilities } = (envelope ?? {}) as {
    [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
  };
  return capabilities?.elicitation?.url !== undefined;
}

/**
 * Says again which address was accepted. It holds nothing secret, and is believed only so far that another address is
 * offered, or not: the gate decides again.
 */
function stateOf(url: string): string {
  return createHash('sha256').update(url).digest('base64url');
}

function declined(): AuthError {
  return new AuthError(
    'cancelled',
    l10n.t(
      'The sign-in was declined, so nothing was done. Call the tool again to be asked again, or run "omnispindle login" in a terminal.',
    ),
  );
}
