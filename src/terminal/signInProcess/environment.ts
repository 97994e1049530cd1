import { userDirectory } from '../../platform/paths.ts';

/**
 * What Node.js itself reads when it starts, to start at all and to reach the tenant. Everything else comes through the
 * pipe: other processes of the user can read an environment, and passwords of proxies or keys of servers may be in it.
 */
const atStart =
  /^(?:PATH|HOME|USERPROFILE|LOCALAPPDATA|APPDATA|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|LANG|LANGUAGE|LC_ALL|LC_MESSAGES|OMNISPINDLE_LOCALE|TZ|(?:DY)?LD_LIBRARY_PATH|SSL_CERT_FILE|SSL_CERT_DIR|ELECTRON_RUN_AS_NODE|NODE_(?:EXTRA_CA_CERTS|USE_SYSTEM_CA|TLS_REJECT_UNAUTHORIZED|COMPILE_CACHE|DISABLE_COMPILE_CACHE))$/i;

/** What decides where to sign in, as whom, or what is run before our code: the first is decided already. */
const decided = /^(?:AUTH0_|OMNISPINDLE_(?!NETWORK$)|NODE_OPTIONS$|NODE_PATH$|CALLBACK_PORT$)/i;

/** Node.js's options that change how the tenant is reached, and run or write nothing. */
const reachOption =
  /^--(?:use-(?:system|openssl|bundled)-ca|no-network-family-autoselection|network-family-autoselection-attempt-timeout=\d+|dns-result-order=\w+|tls-(?:min|max)-v1\.[0-3]|openssl-legacy-provider|insecure-http-parser)$/;

/** The environment that the process begins with. @throws OmnispindleError `invalid_settings` */
export function environmentAtStart(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return { ...pick(env, name => atStart.test(name)), OMNISPINDLE_DATA_DIR: userDirectory(env) };
}

/** The environment that it takes over once it runs. */
export function environmentForBrowser(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return pick(env, name => !decided.test(name));
}

/** The options of Node.js, ours and those of `NODE_OPTIONS`, that the process needs too. */
export function reachOptions(
  env: NodeJS.ProcessEnv = process.env,
  execArgv: readonly string[] = process.execArgv,
): string[] {
  const options = [...(env['NODE_OPTIONS'] ?? '').split(/\s+/), ...execArgv];
  return [...new Set(options.filter(option => reachOption.test(option)))];
}

function pick(env: NodeJS.ProcessEnv, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0]),
    ),
  );
}
