import { setTimeout as delay } from 'node:timers/promises';
import type {
  Configuration,
  DeviceAuthorizationResponse,
  TokenEndpointResponse,
  TokenEndpointResponseHelpers,
} from 'openid-client';
import * as l10n from '@vscode/l10n';
import { withFetch } from './discovery.ts';
import { AuthError } from './authError.ts';
import type { OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Tenant } from './tenant.ts';
import { refusalOf, tenantError } from './tenantError.ts';
import { tenantFetch } from './tenantFetch.ts';
import type { Refusal } from './tenantWords.ts';

/** The grant type by which a code is exchanged (RFC 8628 section 3.4). */
export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** Between two polls (s), where the tenant does not say; and what `slow_down` adds (RFC 8628 sections 3.2, 3.5). */
const usualInterval = 5;
/** Longest wait (s) after broken polls, and whatever the tenant wishes: the code is valid for some minutes only. */
const longestPause = 30;
const longestWish = 60;

/** Errors of a tenant, or of what stands before it, that say nothing of the sign-in itself. */
const passing = /^(?:temporarily_unavailable|server_error|too[_ ]many[_ ]requests|timeout)$/i;
const passingStatus = (status: number) => status >= 500 || [408, 425, 429].includes(status);

/**
 * What a poll needs: whom to ask, for which code, and until when. Its `expires_in` and `interval` are in seconds.
 */
export interface DevicePolling {
  readonly configuration: Configuration;
  readonly device: DeviceAuthorizationResponse;
  readonly tenant: Tenant;
  /** The API that the access token is to be for; the tenant's default one where absent. */
  readonly audience?: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long (ms) a second of the tenant's is taken for; 1,000 where absent. */
  readonly second?: number;
}

/**
 * Asks for the tokens of a device code until the person has finished (RFC 8628 section 3.5). A poll that breaks, by
 * the network, a limit or a gateway, says nothing of the sign-in: the next one comes later. What the tenant itself
 * refuses ends it. An answer that was lost and had the tokens shows as `invalid_grant` then, by which the tenant ends
 * the session that nobody has the tokens of.
 * @throws AuthError for the refusal, or where the code's time is over; the signal's reason
 */
export async function pollForTokens(
  polling: DevicePolling,
): Promise<TokenEndpointResponse & TokenEndpointResponseHelpers> {
  const { configuration, device, tenant, audience = tenant.audience, log, signal, second = 1_000 } = polling;
  const client = await import('openid-client');
  const send = tenantFetch(tenant);
  const cancellable = await withFetch(configuration, (address, options) =>
    send(address, {
      ...options,
      signal: AbortSignal.any([signal, ...(options?.signal ? [options.signal] : [])]),
    }),
  );
  const end = performance.now() + device.expires_in * second;
  let interval = Math.max(1, device.interval ?? usualInterval);
  let broken: { error: OmnispindleError; times: number } | undefined;
  let wish = 0;
  for (;;) {
    const backOff = Math.min(interval * 2 ** (broken?.times ?? 0), Math.max(interval, longestPause));
    const pause = Math.max(backOff, Math.min(wish, longestWish)) * second;
    const left = Math.min(pause, end - performance.now());
    if (left <= 0) throw broken?.error ?? codeExpired();
    await delay(left, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    try {
      return await client.genericGrantRequest(cancellable, deviceCodeGrant, {
        device_code: device.device_code,
      });
    } catch (error) {
      signal.throwIfAborted();
      const refusal = refusalOf(error);
      wish = refusal?.retryAfter ?? 0;
      if (refusal?.error === 'slow_down') interval += usualInterval;
      if (refusal?.error === 'authorization_pending' || refusal?.error === 'slow_down') {
        broken = undefined;
        continue;
      }
      const said = tenantError(error, tenant, { audience, secrets: [device.device_code] });
      if (refusal && isFinal(refusal)) {
        throw refusal.error === 'invalid_grant' && broken ? broken.error : said;
      }
      broken = { error: said, times: (broken?.times ?? 0) + 1 };
      log.info(`A poll broke, the next one comes later: ${said.message}`);
    }
  }
}

function isFinal({ status, error }: Refusal): boolean {
  return error !== undefined && !passing.test(error) && !passingStatus(status);
}

function codeExpired(): AuthError {
  return new AuthError('timed_out', l10n.t('The code was not entered in time. Try again for a new one.'));
}
