import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import { followChallenge, lookUpResource, type Ask, type Found } from './lookUp.ts';

/** Which API the tokens of a server are for, and who says so. */
export type AudienceChoice =
  /** Whoever gives the tokens: the person, or the editor. */
  | { readonly by: 'given' }
  /**
   * The server itself.
   * @param issuer whose tokens they are
   * @param allowsDefault whether a server that declares nothing gets tokens for the tenant's default API
   * @param undeclared what a person is told where it does not; what to do with `connect`, where absent
   */
  | {
      readonly by: 'server';
      readonly issuer: string;
      readonly allowsDefault: boolean;
      readonly undeclared?: (server: URL) => OmnispindleError;
    };

/** How many addresses a server may name, one after the other. */
const mostAsked = 10;

/** The API that a server's tokens are for. */
export interface ServerAudience {
  /** Its identifier; undefined for the one that whoever gives the tokens goes by. @throws as `lookUpResource` */
  get(): Promise<string | undefined>;
  /** The scopes of our own tools that the server declares for itself alone, as far as that is known. */
  scopes(): readonly string[];
  /** Hears of a 401, which may name other metadata than were read. @throws as `followChallenge` */
  refused(challenges: string | undefined): Promise<void>;
}

/**
 * Finds out once for each run which API a server's tokens are for, and again where that failed, at the next need.
 * @throws OmnispindleError `invalid_settings`, or what `undeclared` makes, where a server declares nothing and the person
 * has not said that it may have tokens for the default API; else as `lookUpResource`
 */
export function createServerAudience(url: URL, choice: AudienceChoice, ask: Ask): ServerAudience {
  if (choice.by === 'given') {
    return { get: () => Promise.resolve(undefined), scopes: () => [], refused: () => Promise.resolve() };
  }
  const { issuer, allowsDefault, undeclared = undeclaredToConnect } = choice;
  const asking = { url, issuer };
  let finding: Promise<Found> | undefined;
  let known: readonly string[] = [];

  function find(look: () => Promise<Found>): Promise<Found> {
    const before = finding;
    const next = look();
    finding = next;
    next.catch(() => {
      if (finding === next) finding = before;
    });
    return next;
  }

  return {
    async get() {
      const { resource, scopes } = await (finding ?? find(() => lookUpResource(ask, asking)));
      known = scopes;
      if (resource === undefined && !allowsDefault) throw undeclared(url);
      return resource;
    },
    scopes: () => known,
    async refused(challenges) {
      const before = await finding;
      if (!before || before.asked.length >= mostAsked) return;
      const next = await followChallenge(ask, challenges, before.asked, asking);
      // What names nothing does not take back what was declared.
      if (!next) return;
      finding = Promise.resolve(next.resource === undefined ? { ...before, asked: next.asked } : next);
    },
  };
}

function undeclaredToConnect({ origin }: URL): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} does not say which API its tokens are for, so no token was sent. If you know it, add {1} to the "args" of "connect" in the client’s configuration. Where you trust the server with everything that you may do at your default API (AUTH0_AUDIENCE), add {2} instead.',
      origin,
      // As JSON: the words stand in a list of the configuration's.
      '"--audience", "…"',
      '"--default-audience"',
    ),
  );
}
