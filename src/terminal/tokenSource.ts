import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../common/log.ts';
import type { Notice, TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import type { Tenant } from '../auth/tenant.ts';
import type { Verify } from '../auth/verify.ts';
import { createBrokerTokenSource, type BrokerTokenSource } from '../broker/client.ts';
import type { ServerDefinition } from '../broker/serverDefinition.ts';
import { afterTenant, announce } from './announce.ts';
import { noticesOf, type Environment } from './environment.ts';
import { useNetwork } from './network.ts';

/** How long (ms) before its answer a call is told a notice. */
const headStart = 25;

/** How the tokens of a terminal's process are got. */
export interface SourceOptions {
  readonly log: Log;
  /** The account to use where there are several. */
  readonly account?: string;
  /** The API that every token is for, by its identifier; the tenant's default one where absent. */
  readonly audience?: string;
  readonly scopes?: readonly string[];
  /** Whether the tokens go to a server of another's: which API its tokens are for is not known here, unless `audience` says so. */
  readonly isForAnother?: boolean;
  /** Whether this process is a server of an MCP client's, which may end it while a sign-in waits. */
  readonly isServer?: boolean;
  /** What counts where no editor started us; asked for only then. */
  readonly environment: () => Promise<Environment>;
  /** What an editor says of the server that we are, where it does. */
  readonly definition?: ServerDefinition;
  /** Checks an `AUTH0_TOKEN` before it is handed out, where there is a check. */
  readonly verify?: Verify;
}

/** A token source, and what is known of its tokens. */
export interface OpenedSource extends TokenSource {
  /** Whose sessions they are of, which can have tokens for any API; absent where it was given what they are for. */
  readonly tenant?: Tenant;
  /** What a window tells of the server; absent where an editor says nothing of it. */
  readonly secrets?: BrokerTokenSource['secrets'];
}

/**
 * Where a process of ours gets its tokens: from the editor that started it, else `AUTH0_TOKEN`, else this
 * user's sessions, signing in at the first need. Before the first one the person is told what there is to
 * know of where they sign in, and as whom; where an editor started us, it has told them.
 */
export async function openTokenSource(options: SourceOptions): Promise<OpenedSource> {
  useNetwork();
  const { definition, ...alone } = options;
  const broker = createBrokerTokenSource(process.env, always(options));
  if (broker) {
    const { secrets, ...tokens } = broker;
    return { ...tokens, ...(definition && { secrets }) };
  }
  return definition
    ? (await import('./windowSource.ts')).openWindowSource(definition, alone, openAlone)
    : openAlone(alone);
}

/** Where no editor gives tokens. */
async function openAlone(options: SourceOptions): Promise<OpenedSource> {
  const environment = await options.environment();
  const source = await (environment.environmentToken
    ? openEnvironmentToken(environment, environment.environmentToken, options)
    : openSessions(environment, options));
  const notices = noticesOf(environment);
  return {
    ...source,
    ...(!environment.environmentToken && { tenant: environment.tenant }),
    async getToken(request) {
      await tell(notices, request);
      const { onProgress } = request;
      return source.getToken({
        ...request,
        ...(onProgress && { onProgress: afterTenant(environment.tenantNotice, onProgress) }),
      });
    },
  };
}

/** What every token is for. */
function always({ audience, scopes }: SourceOptions): Pick<TokenRequest, 'audience' | 'scopes'> {
  return { ...(audience !== undefined && { audience }), ...(scopes && { scopes }) };
}

/** Clients of the SDK drop the progress that they read together with the answer of its call. */
async function tell(notices: readonly Notice[], request: TokenRequest): Promise<void> {
  if (announce(notices, request)) await delay(headStart);
}

async function openEnvironmentToken(
  { tenant }: Environment,
  given: NonNullable<Environment['environmentToken']>,
  { verify, audience, isForAnother = false }: SourceOptions,
): Promise<TokenSource> {
  const [
    {
      environmentTokenSource,
      environmentTokenNotice,
      environmentTokenApiNotice,
      opaqueTokenNotice,
      isSigned,
    },
    { createVerifier },
  ] = await Promise.all([import('./environmentToken.ts'), import('../auth/verify.ts')]);
  // A server of another's may well take a token that only it can read; our own never does.
  if (isForAnother && !isSigned(given)) {
    return environmentTokenSource(given, {
      verify: () => Promise.resolve(undefined),
      onUse: (_unknown, request) => tell([opaqueTokenNotice(given)], request),
    });
  }
  const isAnyApi = isForAnother && audience === undefined;
  const api = audience === undefined ? tenant : { ...tenant, audience };
  return environmentTokenSource(given, {
    verify: verify ?? createVerifier(api, isAnyApi ? { audience: 'any' } : {}),
    onUse: (checked, request) =>
      tell(
        [environmentTokenNotice(given, checked), ...(isAnyApi ? [environmentTokenApiNotice(checked)] : [])],
        request,
      ),
  });
}

async function openSessions(environment: Environment, options: SourceOptions): Promise<TokenSource> {
  const { log, account = environment.account, isServer = false } = options;
  const [{ terminalAuthenticator }, { sessionTokenSource }, { withRefusedSignIns }] = await Promise.all([
    import('./authenticator.ts'),
    import('../sessions/sessionTokenSource.ts'),
    import('../sessions/refusedSignIns.ts'),
  ]);
  // Who starts it by hand, on a terminal, ends it with Ctrl-C, and with it all that waits.
  const isClients = isServer && !process.stdin.isTTY;
  const source = sessionTokenSource(await terminalAuthenticator({ ...environment, log, isClients }), {
    ...(account !== undefined && { account }),
    ...always(options),
  });
  return isServer ? withRefusedSignIns(source) : source;
}
