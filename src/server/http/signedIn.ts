import * as l10n from '@vscode/l10n';
import type { Verify } from '../../auth/verify.ts';
import { isOmnispindleError, messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import { redact } from '../../common/redact.ts';
import { credentialsIn } from './bearer.ts';
import { bearerChallenge, type Challenge } from './challenge.ts';
import { keepChecks } from './checkedTokens.ts';
import type { HttpStep } from './environment.ts';

/** What the check of tokens needs. */
export interface SignedInOptions {
  readonly verify: Verify;
  readonly scopes: readonly string[];
  readonly metadataUrl: string;
  readonly log: Log;
}

/** How soon (s) to come again where the tenant has no keys to check by. */
const comeAgainAfter = 5;

/**
 * Lets a request pass that has a valid access token (RFC 6750): 401 without one, and 503 where no key can be had to
 * check it by. What passes has `caller`; the token itself goes no further.
 */
export function requireSignedIn({ verify, scopes, metadataUrl, log }: SignedInOptions): HttpStep {
  const check = keepChecks(verify);

  function refused(status: 400 | 401, why: string, error?: Challenge['error']): Response {
    const challenge = bearerChallenge({
      scopes,
      metadataUrl,
      ...(error !== undefined && { error, description: why }),
    });
    return Response.json(
      { error: error ?? 'unauthorized', error_description: why },
      { status, headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' } },
    );
  }

  return async function signedIn(context, next) {
    const given = credentialsIn(
      context.req.header('authorization'),
      new URL(context.req.raw.url).searchParams,
    );
    if (given.kind === 'none') {
      return refused(
        401,
        l10n.t('An access token is needed, in the header "Authorization: Bearer …". Sign in to get one.'),
      );
    }
    if (given.kind === 'malformed') {
      return refused(
        400,
        l10n.t(
          'Give one access token, in one header: "Authorization: Bearer …"; it is never taken from the address.',
        ),
        'invalid_request',
      );
    }
    try {
      const { issuer, sub, name, email, scopes: allowed } = await check(given.token);
      context.set('caller', {
        issuer,
        sub,
        scopes: allowed,
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email }),
      });
    } catch (error) {
      const why = redact(plainLine(messageOf(error), 1_000));
      if (isOmnispindleError(error, 'invalid_token')) {
        log.info(`401: ${why}`);
        return refused(401, why, 'invalid_token');
      }
      if (!isOmnispindleError(error, 'tenant_unreachable')) throw error;
      log.warn(`503: ${why}`);
      return Response.json(
        { error: 'temporarily_unavailable', error_description: why },
        { status: 503, headers: { 'retry-after': String(comeAgainAfter), 'cache-control': 'no-store' } },
      );
    }
    await next();
    return undefined;
  };
}
