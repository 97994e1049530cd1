import { heldFor } from './audiences.ts';
import type { SessionRequest } from './authenticator.ts';
import { needsRenewal, type Session } from './session.ts';

/** The session with its token for the request, where that needs no renewal, and no stronger sign-in. */
export function usable(session: Session, request: SessionRequest): Session | undefined {
  const held = heldFor(session, request);
  if (!held || needsRenewal(held, request.rejected)) return undefined;
  return isStepUp(request) && isRefused(session, request) ? undefined : held;
}

/** Whether the token that the session has for the request is the one that a server refused. */
export function isRefused(session: Session, request: SessionRequest): boolean {
  const held = heldFor(session, request);
  return held !== undefined && held.accessToken === request.rejected;
}

/** Whether the person is to sign in more strongly, or again (RFC 9470). */
export function isStepUp({ hints }: Pick<SessionRequest, 'hints'>): boolean {
  return hints?.acrValues !== undefined || hints?.maxAge !== undefined;
}
