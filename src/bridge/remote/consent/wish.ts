import * as l10n from '@vscode/l10n';
import { scopeToken } from '../../../sessions/accessTokens.ts';
import type { StepUp } from '../../../sessions/tokenSource.ts';
import { inPlace } from '../../../common/place.ts';

/** How many scopes a person is asked for at once, or a server may have besides those that are configured. */
export const mostScopes = 10;

/** What a server wants, and only the person can allow. */
export type Wish =
  | { readonly scopes: readonly string[] }
  /** @param rejected the token that was not enough */
  | { readonly stepUp: StepUp; readonly rejected: string };

/** That a server wants what the person has not allowed it; the message says how to. */
export class NotAllowedError extends Error {
  override readonly name = 'NotAllowedError';
  /** What the person can be asked for; undefined where the server does not say it rightly. */
  readonly wish: Wish | undefined;

  constructor(message: string, wish?: Wish) {
    super(message);
    this.wish = wish;
  }
}

/** That a server wants scopes that it may not have. What it says is a name or nothing: a person may copy it. */
export function scopesNotAllowed(origin: string, scopes: readonly string[]): NotAllowedError {
  const names = scopes.filter(scope => scopeToken.test(scope)).slice(0, mostScopes);
  if (names.length === 0) {
    return new NotAllowedError(
      l10n.t(
        '{0} wants a scope that is not allowed for it, and does not name it rightly. Ask whoever runs the server.',
        origin,
      ),
    );
  }
  // As JSON, never as words for a shell: a scope may have any character a shell acts on.
  const flags = names.flatMap(name => ['--scope', name]).map(word => JSON.stringify(word));
  const message = inPlace({
    editor: l10n.t(
      '{0} wants more than is allowed for it: {1}. Where you trust it with that, add "scopes": {2} to this server in the setting omnispindle.servers.',
      origin,
      names.join(', '),
      JSON.stringify(names),
    ),
    terminal: l10n.t(
      '{0} wants more than is allowed for it: {1}. Where you trust it with that, add {2} to the "args" of "connect" in the client’s configuration.',
      origin,
      names.join(', '),
      flags.join(', '),
    ),
  });
  return new NotAllowedError(message, names.length === scopes.length ? { scopes: names } : undefined);
}

/** That a server wants the person to sign in again, in a stronger way or at all. */
export function stepUpNotAllowed(origin: string, stepUp: StepUp, rejected: string): NotAllowedError {
  const message = l10n.t(
    '{0} wants you to sign in again for this: {1}. Your client did not ask you, or you did not agree. Use a client that can ask (MCP elicitation), agree, and call the tool again; the server may ask once in five minutes.',
    origin,
    describeStepUp(stepUp),
  );
  return new NotAllowedError(message, { stepUp, rejected });
}

/** A stronger sign-in in words. */
export function describeStepUp({ acrValues, maxAge }: StepUp): string {
  return [
    ...(acrValues === undefined ? [] : [l10n.t('at the level {0}', acrValues)]),
    ...(maxAge === undefined ? [] : [l10n.t('no longer than {0} s ago', String(maxAge))]),
  ].join(', ');
}
