import * as l10n from '@vscode/l10n';
import { requireSafeAddress } from '../auth/address.ts';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';
import { codeLimits } from '../auth/flows/codeLimits.ts';
import type { Flow, Grant, SignInPurpose, SignInUi, Surroundings } from '../auth/flows/flow.ts';
import { flowsFor, type FlowName } from '../auth/flows/table.ts';
import type { Log } from '../common/log.ts';
import type { OnProgress } from './signInEvent.ts';

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

/** Raised through a flow's signal when the person asks for a code instead. */
const useCode = Symbol('use a device code');

/**
 * Builds the interactive sign-in: the flows that fit the surroundings, one after the other, until one
 * answers. A flow that cannot work here leads to the next, with the reason said; any other failure ends it.
 */
export function createSignIn({ flows, surroundings, ui, log, flow = () => 'auto' }: SignInOptions): SignIn {
  return async request => {
    const cancelled = new AbortController();
    const limit = AbortSignal.timeout(timeLimit);
    const signal = AbortSignal.any([request.signal, cancelled.signal, limit]);
    const here = surroundings();
    let candidates = select(flow(), here);
    if (here.reason && candidates[0]?.name === 'deviceCode') {
      request.onProgress({ type: 'flow', flow: 'deviceCode', reason: here.reason });
    }

    for (;;) {
      const [candidate, ...rest] = candidates;
      if (!candidate) throw noFlow();
      try {
        return await run(candidate);
      } catch (error) {
        if (signal.aborted) throw ended();
        if (error === useCode) {
          candidates = flows.filter(({ name }) => name === 'deviceCode');
        } else if (isOmnispindleError(error) && leadsOn.has(error.code)) {
          const [next] = rest;
          if (!next) throw error;
          log.info(`${candidate.name}: ${error.message}`);
          request.onProgress({ type: 'flow', flow: next.name, reason: error.message });
          candidates = rest;
        } else {
          throw error;
        }
      }
    }

    async function run(candidate: Flow): Promise<Grant> {
      const instead = new AbortController();
      let waiting: { dispose(): void } | undefined;
      const wait = (url: string) => {
        waiting = ui.waiting?.({
          flow: candidate.name,
          url,
          useCode: () => {
            instead.abort(useCode);
          },
          cancel: () => {
            cancelled.abort();
          },
        });
      };
      log.info(`Signing in by ${candidate.name}.`);
      if (candidate.name === 'deviceCode') {
        const reason = codeLimits(request);
        if (reason !== undefined) request.onProgress({ type: 'flow', flow: 'deviceCode', reason });
      }
      try {
        return await candidate.run({
          ...request,
          log,
          signal: AbortSignal.any([signal, instead.signal]),
          ui: {
            openBrowser: async url => {
              requireSafeAddress(url);
              const opened = await ui.openBrowser(url);
              request.onProgress({ type: 'browser', url, opened });
              wait(url);
              return opened;
            },
            showDeviceCode: async code => {
              const best = code.verificationUriComplete ?? code.verificationUri;
              for (const url of [code.verificationUri, best]) requireSafeAddress(url);
              request.onProgress({ type: 'deviceCode', ...code });
              await ui.showDeviceCode(code);
              wait(code.verificationUri);
            },
          },
        });
      } finally {
        waiting?.dispose();
      }
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

  function select(wanted: FlowName | 'auto', here: Surroundings): readonly Flow[] {
    return wanted === 'auto'
      ? flowsFor(here).flatMap(name => flows.filter(candidate => candidate.name === name))
      : flows.filter(candidate => candidate.name === wanted);
  }
}

function noFlow(): AuthError {
  return new AuthError(
    'flow_unavailable',
    l10n.t('No sign-in flow works here. Set omnispindle.signIn.flow to "deviceCode", or set AUTH0_TOKEN.'),
  );
}
