import * as l10n from '@vscode/l10n';
import { requireSafeAddress } from '../auth/address.ts';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError, messageOf, type ErrorCode } from '../common/errors.ts';
import { codeLimits } from '../auth/flows/codeLimits.ts';
import type {
  BrowserWait,
  DeviceCode,
  Flow,
  Grant,
  SignInPurpose,
  SignInUi,
  Surroundings,
  WaitSign,
} from '../auth/flows/flow.ts';
import type { FlowName } from '../auth/flows/names.ts';
import { flowsAfter, flowsFor } from '../auth/flows/table.ts';
import type { Log } from '../common/log.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import { createFlowRace } from './flowRace.ts';
import type { OnProgress } from './signInEvent.ts';
import { inPlace } from '../common/place.ts';

/** Carries out one interactive sign-in: tries the flows that fit, in order. */
export type SignIn = (request: SignInPurpose & { readonly onProgress: OnProgress }) => Promise<Grant>;

/** How long (ms) one sign-in may take before it is given up. */
const timeLimit = 5 * 60_000;

/** The flows of one host, and how they reach the person. */
export interface SignInOptions {
  /** What this host can run; which of them are tried, and in which order, is in `flows/table.ts`. */
  readonly flows: readonly Flow[];
  readonly surroundings: () => Surroundings;
  readonly ui: SignInUi;
  readonly log: Log;
  /** The one flow the person wants, or `auto` for the first that fits. */
  readonly flow?: () => FlowName | 'auto';
}

/** Failures after which the next flow may still do. */
const leadsOn: ReadonlySet<ErrorCode> = new Set(['flow_unavailable', 'port_in_use', 'callback_mismatch']);

/**
 * Builds the interactive sign-in: the flows that fit the surroundings, one after the other, until one
 * answers. A flow that cannot work here leads to the next, with the reason said; any other failure ends it. Beside one
 * that waits the person may try another: the first that is answered counts, and the other is given up.
 */
export function createSignIn({ flows, surroundings, ui, log, flow = () => 'auto' }: SignInOptions): SignIn {
  return async request => {
    const cancelled = new AbortController();
    const over = new AbortController();
    const limit = AbortSignal.timeout(timeLimit);
    const signal = AbortSignal.any([request.signal, cancelled.signal, limit, over.signal]);
    const here = surroundings();
    const race = createFlowRace<Grant>();
    const tried = new Set<FlowName>();
    const shown = new Set<{ dispose(): void }>();
    const signs = new Set<WaitSign>();
    const candidates = select(flow(), here);
    if (here.reason && candidates[0]?.name === 'deviceCode') {
      request.onProgress({ type: 'flow', flow: 'deviceCode', reason: here.reason });
    }
    race.enter(inOrder(candidates), sayGivenUp);
    try {
      // A dialog of the editor's may stay open for ever.
      return await unlessAborted(race.result, signal, ended);
    } finally {
      over.abort();
      for (const what of shown) close(what);
    }

    async function inOrder(wanted: readonly Flow[]): Promise<Grant> {
      for (let left = wanted; ;) {
        const [candidate, ...rest] = left;
        if (!candidate) throw noFlow();
        try {
          return await run(candidate);
        } catch (error) {
          if (signal.aborted || !isOmnispindleError(error) || !leadsOn.has(error.code)) throw error;
          left = rest.filter(({ name }) => !tried.has(name));
          if (!left[0]) throw error;
          log.info(`${candidate.name}: ${error.message}`);
          request.onProgress({ type: 'flow', flow: left[0].name, reason: error.message });
        }
      }
    }

    async function run(candidate: Flow): Promise<Grant> {
      tried.add(candidate.name);
      log.info(`Signing in by ${candidate.name}.`);
      const limits = candidate.name === 'deviceCode' ? codeLimits(request) : undefined;
      if (limits !== undefined) request.onProgress({ type: 'flow', flow: 'deviceCode', reason: limits });
      const preparing = show(ui.preparing?.(cancel));
      let sign: WaitSign | undefined;
      const wait = (url: string, code?: DeviceCode) => {
        sign = show(ui.waiting?.(waitOf(candidate.name, url, code)));
        if (sign) signs.add(sign);
      };
      try {
        return await candidate.run({
          ...request,
          log,
          signal,
          ui: {
            openBrowser: async url => {
              requireSafeAddress(url);
              close(preparing);
              wait(url);
              const opened = await unlessAborted(ui.openBrowser(url), signal);
              if (!opened) sign?.notOpened();
              request.onProgress({ type: 'browser', url, opened });
              return opened;
            },
            showDeviceCode: async code => {
              const best = code.verificationUriComplete ?? code.verificationUri;
              for (const url of [code.verificationUri, best]) requireSafeAddress(url);
              close(preparing);
              request.onProgress({ type: 'deviceCode', ...code });
              await unlessAborted(ui.showDeviceCode(code, signal, limits), signal);
              wait(best, code);
            },
          },
        });
      } finally {
        close(preparing);
        close(sign);
      }
    }

    function waitOf(name: FlowName, url: string, code?: DeviceCode): BrowserWait {
      return {
        flow: name,
        url,
        ...(code && { code }),
        others: () => flowsAfter(name, here).filter(other => find(other) && !tried.has(other)),
        alsoTry(other) {
          const beside = find(other);
          if (!beside || tried.has(other) || signal.aborted) return;
          race.enter(run(beside), error => {
            tried.delete(other);
            sayGivenUp(error);
          });
        },
        cancel,
      };
    }

    function cancel(): void {
      cancelled.abort();
    }

    function show<T extends { dispose(): void }>(what: T | undefined): T | undefined {
      if (what) shown.add(what);
      return what;
    }

    function close(what: { dispose(): void } | undefined): void {
      if (what && shown.delete(what)) what.dispose();
    }

    function sayGivenUp(error: unknown): void {
      if (signal.aborted) return;
      log.info(messageOf(error));
      // The person has closed a dialog of that flow.
      const reason = isOmnispindleError(error, 'cancelled') ? undefined : messageOf(error);
      for (const sign of signs) if (shown.has(sign)) sign.givenUp(reason);
    }

    function ended(): AuthError {
      return limit.aborted
        ? new AuthError(
            'timed_out',
            l10n.t('Nobody signed in within five minutes. Try again when you are ready.'),
          )
        : new AuthError('cancelled', l10n.t('The sign-in was cancelled. Start it again when you are ready.'));
    }
  };

  function find(name: FlowName): Flow | undefined {
    return flows.find(candidate => candidate.name === name);
  }

  function select(wanted: FlowName | 'auto', here: Surroundings): readonly Flow[] {
    return wanted === 'auto'
      ? flowsFor(here).flatMap(name => find(name) ?? [])
      : flows.filter(candidate => candidate.name === wanted);
  }
}

function noFlow(): AuthError {
  return new AuthError(
    'flow_unavailable',
    inPlace({
      editor: l10n.t('No sign-in flow works here. Set omnispindle.signIn.flow to "deviceCode".'),
      terminal: l10n.t(
        'No sign-in flow works here. Sign in with "omnispindle login --device", or set AUTH0_TOKEN.',
      ),
    }),
  );
}
