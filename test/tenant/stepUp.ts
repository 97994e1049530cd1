import type { JWTPayload } from 'jose';

/** What an API wants of the sign-in behind a token (RFC 9470). */
export interface StepUpDemand {
  readonly acr?: string;
  /** Seconds since the person signed in. */
  readonly maxAge?: number;
}

/** An answer of an API that the token is not enough for. */
export interface StepUpAnswer {
  readonly status: 401;
  readonly headers: { readonly 'www-authenticate': string };
}

/**
 * Checks a token's claims in an API's stead: nothing where they do, else the answer `insufficient_user_authentication`.
 * The tenant needs `secondFactor: true`.
 * @example
 * const answer = stepUpChallenge(payload, { acr: multiFactor, maxAge: 300 });
 * if (answer) response.writeHead(answer.status, answer.headers).end();
 */
export function stepUpChallenge(claims: JWTPayload, { acr, maxAge }: StepUpDemand): StepUpAnswer | undefined {
  const strongEnough = acr === undefined || claims['acr'] === acr;
  const age = Date.now() / 1_000 - Number(claims['auth_time'] ?? 0);
  if (strongEnough && (maxAge === undefined || age <= maxAge)) return undefined;
  const challenge = [
    'Bearer error="insufficient_user_authentication"',
    `error_description="${strongEnough ? 'More recent authentication is required' : 'A different authentication level is required'}"`,
    ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
    ...(maxAge === undefined ? [] : [`max_age="${String(maxAge)}"`]),
  ];
  return { status: 401, headers: { 'www-authenticate': challenge.join(', ') } };
}
