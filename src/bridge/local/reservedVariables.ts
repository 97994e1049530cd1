/** What decides which programs a server runs, which code they load, and where they look for settings. */
const ofSystem =
  /^(?:PATH|PATHEXT|COMSPEC|SHELL|ENV|IFS|PS4|BASH_ENV|BASHOPTS|SHELLOPTS|PROMPT_COMMAND|ZDOTDIR|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|EDITOR|VISUAL|PAGER|BROWSER|GCONV_PATH)$|^(?:LD|DYLD)_/i;

/** The same for what servers are written in: names with `_` in which a token may well be (NODE_AUTH_TOKEN) are not among them. */
const ofRuntimes =
  /^(?:NODE_(?:OPTIONS|PATH|ENV|DEBUG|V8_COVERAGE|COMPILE_CACHE|REPL_EXTERNAL_MODULE)|PYTHON[A-Z]+|RUBY(?:OPT|LIB)|GEM_(?:HOME|PATH)|BUNDLE_GEMFILE|PERL5?(?:LIB|OPT|DB)|(?:_|JDK_)?JAVA_(?:TOOL_)?(?:OPTIONS|HOME)|CLASSPATH|DOTNET_(?:ROOT|STARTUP_HOOKS)|PHPRC|PHP_INI_SCAN_DIR|LUA_INIT|GIT_(?:SSH|SSH_COMMAND|EXEC_PATH|CONFIG\w*))$|^(?:ELECTRON|NPM_CONFIG)_/i;

/** What decides how a server reaches others, and whom it trusts there. */
const ofNetwork =
  /^(?:(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|OPENSSL_CONF|NODE_(?:EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|USE_SYSTEM_CA|USE_ENV_PROXY))$/i;

/** What a server has from us. */
const ofOurs = /^OMNISPINDLE_BROKER(?:_|$)/i;

/**
 * Whether a variable decides what a server runs or how: a token in its place would break the server, or run what is
 * called like the token. Upper and lower case are the same, as on Windows.
 * @example isReservedVariable('PATH') // true
 * @example isReservedVariable('API_TOKEN') // false
 */
export function isReservedVariable(name: string): boolean {
  return [ofSystem, ofRuntimes, ofNetwork, ofOurs].some(names => names.test(name));
}
