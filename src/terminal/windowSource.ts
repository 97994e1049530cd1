import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { issuerOf } from '../auth/tenant.ts';
import { askByRoute } from '../bridge/remote/resource/askByRoute.ts';
import { lookUpResource } from '../bridge/remote/resource/lookUp.ts';
import type { ServerDefinition } from '../broker/serverDefinition.ts';
import { definitionVariable } from '../broker/variables.ts';
import { createWindowTokenSource } from '../broker/windowTokenSource.ts';
import { hashOfDefinition } from '../broker/writtenDefinition.ts';
import type { BrokerTokenSource } from '../broker/client.ts';
import { OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { routeTo } from '../network/route.ts';
import { clientName } from '../mcp/clientName.ts';
import { extraScopes } from '../sessions/accessTokens.ts';
import type { TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import type { Environment } from './environment.ts';
import type { SourceOptions } from './tokenSource.ts';
import { useWindow } from './windowNetwork.ts';

/** How a token source is opened where there is no window. */
export type OpenAlone = (options: SourceOptions) => Promise<TokenSource>;

/**
 * The tokens of a server that an agent has started by what the editor says of it: from an open window of that editor,
 * else from this user's sessions outside any editor.
 */
export function openWindowSource(
  definition: ServerDefinition,
  options: SourceOptions,
  openAlone: OpenAlone,
): BrokerTokenSource {
  const source = createWindowTokenSource({
    windows: definition.windows,
    editor: definition.editor,
    server: definition.name,
    definition: hashOfDefinition(process.env[definitionVariable] ?? ''),
    client: clientName,
    alone: withoutWindow(definition, options, openAlone),
    log: options.log,
  });
  useWindow(source.door);
  return source;
}

/** What counts where no editor is open: the tenant of its settings, and no file. */
export async function environmentOf(
  { tenant, problem, callbackPort }: ServerDefinition,
  read: () => Promise<Environment>,
): Promise<Environment> {
  // Another tenant than the settings name would ask for another account.
  if (problem !== undefined) throw new OmnispindleError('invalid_settings', problem);
  const environment = await read();
  return {
    ...environment,
    ...(tenant && { tenant }),
    ...(callbackPort !== undefined && { callbackPort }),
  };
}

function withoutWindow(
  definition: ServerDefinition,
  options: SourceOptions,
  openAlone: OpenAlone,
): TokenSource & Pick<BrokerTokenSource, 'secrets'> {
  const { server, secrets = [] } = definition;
  const listeners: (() => void)[] = [];
  let opening: Promise<TokenSource> | undefined;

  async function open(): Promise<TokenSource> {
    const environment = () => environmentOf(definition, options.environment);
    const audience = server && (server.audience ?? (await audienceOf(definition, environment)));
    const source = await openAlone({
      ...options,
      environment,
      ...(audience !== undefined && { audience }),
      ...(server?.scopes && { scopes: server.scopes }),
    });
    source.onInvalidate?.(() => {
      for (const listener of listeners) listener();
    });
    return source;
  }

  function requireNothingMore({ scopes, hints }: TokenRequest): void {
    const lacking = extraScopes(scopes).filter(scope => !server?.scopes?.includes(scope));
    if (lacking.length === 0 && hints === undefined) return;
    throw needsWindow(definition, l10n.t('what it asks for needs your answer'));
  }

  return {
    async getToken(request) {
      if (secrets.length > 0) {
        const names = plainLine(secrets.join(', '));
        throw needsWindow(definition, l10n.t('the values of {0} are known only there', names));
      }
      requireNothingMore(request);
      opening ??= open();
      const source = await opening.catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return source.getToken(request);
    },
    secrets: () => Promise.resolve({}),
    onInvalidate(listener) {
      listeners.push(listener);
    },
  };
}

/** The API of a server whose setting names none; undefined for the default one, which a command of the person's gets. */
async function audienceOf(
  definition: ServerDefinition,
  environment: () => Promise<Environment>,
): Promise<string | undefined> {
  const { server } = definition;
  if (!server || !('url' in server)) return undefined;
  const issuer = issuerOf((await environment()).tenant);
  const url = new URL(server.url);
  const route = await routeTo(url, { keepAlive: false });
  const ask = askByRoute(route, { 'user-agent': 'omnispindle' });
  const { resource: found } = await lookUpResource(ask, { url, issuer });
  if (found !== undefined) return found;
  throw new AuthError(
    'access_denied',
    l10n.t(
      'No window of the editor is open, and {0} cannot run without one: the server does not say which API its tokens are for. If you know it, set "audience" for this server in the setting omnispindle.servers, where {0} stands; else open a window, which asks you. Then call the tool again.',
      plainLine(definition.name),
    ),
  );
}

function needsWindow({ name }: ServerDefinition, why: string): AuthError {
  return new AuthError(
    'access_denied',
    l10n.t(
      'No window of the editor is open, and {0} cannot run without one: {1}. Open a window, then call the tool again.',
      plainLine(name),
      why,
    ),
  );
}
