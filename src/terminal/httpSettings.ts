import * as l10n from '@vscode/l10n';
import { isLoopbackHost } from '../auth/tenant.ts';
import { OmnispindleError } from '../common/errors.ts';
import { settingText } from '../common/settingText.ts';

/** The options of `serve --http`, as typed. */
export interface HttpOptions {
  readonly host?: string;
  readonly port?: string;
  readonly url?: string;
  readonly behindProxy?: true;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly stopTimeout?: string;
}

/** Where a team's server listens, and as what it is known. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Its public address: an origin; undefined where it is the one that it listens at. */
  readonly publicUrl: URL | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** How long (ms) what is under way may take when it is to end. */
  readonly stopLimit: number;
  /** How long (ms) requests are still taken when a manager of processes ends it, so that balancers notice. */
  readonly stopDelay: number;
  /** Calls under way at a time. */
  readonly calls: number;
  /** Calls of one account under way at a time. */
  readonly callsPerAccount: number;
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
}

/** Not 8765, where a browser comes back from a sign-in. */
const defaultPort = 8770;

/**
 * Reads where to listen: options first, then their variables. Beyond this machine a token would travel in the clear, so
 * that needs an `https` address of a proxy in front, or the word that nobody else reaches this one.
 * @throws OmnispindleError `invalid_settings`, naming the option and what to do
 */
export function readHttpSettings(options: HttpOptions, env: NodeJS.ProcessEnv = process.env): HttpSettings {
  const host = bareHost(setting(env, 'OMNISPINDLE_HOST', options.host) ?? '127.0.0.1');
  const url = setting(env, 'OMNISPINDLE_URL', options.url);
  const publicUrl = url === undefined ? undefined : publicUrlOf(url);
  const isBehindProxy = options.behindProxy ?? isSet(env, 'OMNISPINDLE_BEHIND_PROXY');
  if (!isLoopbackHost(host) && publicUrl?.protocol !== 'https:' && !isBehindProxy) throw openToAll(host);
  const number = numberIn(env);
  return {
    host,
    port: number('OMNISPINDLE_PORT', '--port', { most: 65_535, given: options.port }) ?? defaultPort,
    publicUrl,
    allowedHosts: list(env, 'OMNISPINDLE_ALLOWED_HOSTS', '--allow-host', options.allowHost, hostOf),
    allowedOrigins: list(env, 'OMNISPINDLE_ALLOWED_ORIGINS', '--allow-origin', options.allowOrigin, originOf),
    stopLimit:
      1_000 *
      (number('OMNISPINDLE_STOP_TIMEOUT', '--stop-timeout', {
        least: 0,
        most: 3_600,
        given: options.stopTimeout,
      }) ?? 20),
    stopDelay: 1_000 * (number('OMNISPINDLE_STOP_DELAY', undefined, { least: 0, most: 600 }) ?? 5),
    calls: number('OMNISPINDLE_MAX_CALLS') ?? 512,
    callsPerAccount: number('OMNISPINDLE_MAX_CALLS_PER_ACCOUNT') ?? 64,
    bodyBytes:
      number('OMNISPINDLE_MAX_BODY_BYTES', undefined, { least: 1_024, most: 10_000_000 }) ?? 1_000_000,
  };
}

function setting(env: NodeJS.ProcessEnv, name: string, given: string | undefined): string | undefined {
  return settingText(given === undefined ? name : optionOf(name), given ?? env[name]);
}

/** `OMNISPINDLE_URL` is `--url`. */
function optionOf(name: string): string {
  return `--${name.replace('OMNISPINDLE_', '').toLowerCase().replaceAll('_', '-')}`;
}

/** The address of a server that nobody has named another one for. */
export function ownAddress({ host, port }: Pick<HttpSettings, 'host' | 'port'>): URL {
  // Only these two answer to "localhost" wherever it leads; who listens elsewhere than on this machine has a proxy on it.
  const isNamed = !isLoopbackHost(host) || /^(?:localhost|127\.0\.0\.1)$/i.test(host);
  const name = isNamed ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return new URL(`http://${name}:${String(port)}`);
}

/** What a number of the settings may be. */
export interface NumberOptions {
  readonly least?: number;
  readonly most?: number;
  readonly given?: string | undefined;
}

/** Reads whole numbers: what was typed as an option first, then the variable. The reader throws `invalid_settings`. */
export function numberIn(env: NodeJS.ProcessEnv) {
  return (
    name: string,
    option?: string,
    { least = 1, most = 100_000, given }: NumberOptions = {},
  ): number | undefined => {
    const text = setting(env, name, given);
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw invalid(
      l10n.t(
        '{0} is "{1}". Set it to a whole number from {2} to {3}.',
        given !== undefined && option !== undefined ? option : name,
        text,
        String(least),
        String(most),
      ),
    );
  };
}

/** @throws OmnispindleError `invalid_settings` where it is neither set nor unset */
function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = setting(env, name, undefined);
  if (text === undefined || /^(?:0|false|no|off)$/i.test(text)) return false;
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  throw invalid(l10n.t('{0} is "{1}". Set it to 1 or 0.', name, text));
}

/** Several of a kind: what was typed as options, else the variable's, with spaces or commas between them. */
function list(
  env: NodeJS.ProcessEnv,
  name: string,
  option: string,
  given: readonly string[] | undefined,
  parse: (value: string, name: string) => string,
): readonly string[] {
  const values = given ?? (setting(env, name, undefined) ?? '').split(/[\s,]+/);
  return values
    .map(value => value.trim())
    .filter(value => value !== '')
    .map(value => parse(value, given ? option : name));
}

/** A host as `listen` takes it: an address of IPv6 without its brackets. */
function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** @throws OmnispindleError `invalid_settings` */
function publicUrlOf(text: string): URL {
  const url = URL.parse(text);
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  // Who copies the address that clients are given means the same.
  if (!isWeb || url.search || url.hash || !/^\/(?:mcp\/?)?$/.test(url.pathname)) {
    throw invalid(
      l10n.t(
        '--url (or OMNISPINDLE_URL) is not the public address of this server. Give its origin alone, as in https://todos.example.com; clients find MCP at /mcp below it.',
      ),
    );
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw invalid(
      l10n.t(
        '--url (or OMNISPINDLE_URL) uses http, which is allowed only for this machine: tokens would travel in the clear. Put a proxy with TLS in front, and give its https address.',
      ),
    );
  }
  return new URL(url.origin);
}

/** @throws OmnispindleError `invalid_settings` */
function hostOf(text: string, name: string): string {
  const url = URL.parse(`http://${text}`);
  if (url?.host === text.toLowerCase() && url.port === '') return url.hostname;
  throw invalid(
    l10n.t(
      '{0} has "{1}", which is no host name. Give it without scheme, port and path, as in todos.example.com.',
      name,
      text,
    ),
  );
}

/** @throws OmnispindleError `invalid_settings` */
function originOf(text: string, name: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && (text === url.origin || text === `${url.origin}/`)) {
    return url.origin;
  }
  throw invalid(
    l10n.t(
      '{0} has "{1}", which is no origin. Give scheme and host, as in https://inspector.example.com.',
      name,
      text,
    ),
  );
}

function openToAll(host: string): OmnispindleError {
  return invalid(
    l10n.t(
      'Whoever reaches {0} could read the tokens that people send there. Put a proxy with TLS in front and give its address (--url https://…); or, where no one but such a proxy or this machine reaches the port, say so: --behind-proxy.',
      host,
    ),
  );
}

function invalid(message: string): OmnispindleError {
  return new OmnispindleError('invalid_settings', message);
}
