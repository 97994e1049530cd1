import { connect as bridge } from '../../bridge/remote/bridge.ts';
import { consentOfEditor, createConsent } from '../../bridge/remote/consent/consent.ts';
import { createConsentMemory } from '../../bridge/remote/consent/memory.ts';
import type { ServerDefinition } from '../../broker/serverDefinition.ts';
import { createEraMemory } from '../../bridge/remote/eras/memory.ts';
import { parseServerUrl } from '../../bridge/remote/serverUrl.ts';
import { createStdioMessages } from '../../bridge/remote/stdioMessages.ts';
import type { TransportStrategy } from '../../bridge/remote/transportStrategy.ts';
import { issuerOf } from '../../auth/tenant.ts';
import { plainLine } from '../../common/plainText.ts';
import type { AudienceChoice } from '../../bridge/remote/resource/audience.ts';
import { readEnvironment } from '../environment.ts';
import { filledIn } from '../filledIn.ts';
import { checkedHeaders, parseHeaders, readHeaderFile } from '../headers.ts';
import { listMemoryFor, serversDirectory } from '../listMemory.ts';
import { stderrLog } from '../log.ts';
import { openTokenSource, type OpenedSource } from '../tokenSource.ts';
import { version } from '../version.ts';

/** The options of `connect`, as typed. */
export interface ConnectCommandOptions {
  readonly header?: readonly string[];
  readonly headerFile?: string;
  readonly transport: TransportStrategy;
  readonly ignoreTool?: readonly string[];
  readonly scope?: readonly string[];
  readonly audience?: string;
  readonly defaultAudience?: boolean;
  readonly account?: string;
  readonly organization?: string;
  readonly envFile?: string;
  readonly debug?: boolean;
  /** What an editor says of the server. */
  readonly definition?: ServerDefinition;
}

/** `omnispindle connect <url>`: a remote MCP server on stdio. @throws OmnispindleError `invalid_settings` */
export async function connect(address: string, options: ConnectCommandOptions): Promise<void> {
  const url = parseServerUrl(address);
  const log = stderrLog(options.debug ? { OMNISPINDLE_DEBUG: '1' } : process.env);
  const { headerFile, header = [] } = options;
  const headers = parseHeaders([
    ...(headerFile === undefined ? [] : await readHeaderFile(headerFile, log)),
    ...header.map(text => ({ text, origin: '--header' })),
  ]);
  const opened = await openTokenSource({
    log,
    isServer: true,
    environment: () => readEnvironment({ envFile: options.envFile, organization: options.organization }),
    isForAnother: true,
    ...(options.account !== undefined && { account: options.account }),
    ...(options.audience !== undefined && { audience: options.audience }),
    ...(options.scope && { scopes: options.scope }),
    ...(options.definition && { definition: options.definition }),
  });
  const { secrets } = opened;
  const tokenSource = secrets
    ? filledIn({ ...opened, secrets }, headers, told => checkedHeaders(told.headers ?? {}))
    : opened;
  await bridge(createStdioMessages(), {
    url,
    tokenSource,
    audience: audienceChoice(tokenSource, options),
    headers,
    consent: tokenSource.asksPerson
      ? consentOfEditor
      : createConsent({
          url,
          scopes: options.scope ?? [],
          memory: createConsentMemory({ url, directory: serversDirectory, log }),
        }),
    userAgent: `omnispindle/${version}`,
    transport: options.transport,
    ignoreTools: options.ignoreTool ?? [],
    memory: createEraMemory({ url, directory: serversDirectory, log }),
    name: options.definition && plainLine(options.definition.name),
    listMemory: listMemoryFor(tokenSource, {
      server: ['connect', url.href, options.transport, options.ignoreTool ?? []],
      account: options.account,
      log,
    }),
    log,
  });
  process.exit();
}

/** The person's word counts before the server's; a token or a key that was given is for what it is for. */
function audienceChoice(
  { tenant }: OpenedSource,
  { audience, defaultAudience = false }: ConnectCommandOptions,
): AudienceChoice {
  if (audience !== undefined || !tenant) return { by: 'given' };
  return { by: 'server', issuer: issuerOf(tenant), allowsDefault: defaultAudience };
}
