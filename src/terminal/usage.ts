import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { wrap } from './wrap.ts';

/** What commander says about a wrong command line, without the values in it: a header, or a key in an address, is a secret. */
export function withoutValues(said: string): string {
  return said
    .replace(/(unknown option '[^'=]*)=.*'/s, "$1'")
    .replace(/(too many arguments.* but got \d+): .*/s, '$1.\n');
}

/**
 * What commander says, which repeats what was given: not so that it looks like a line of ours.
 * @param advice what we say about it ourselves
 */
export function shown(said: string, advice = ''): string {
  const text = redact(plainText(said.trimEnd())).replaceAll(/\n(?!\(Did you mean )/g, '\n  ');
  return wrap(`${text}\n${advice}`, process.stderr.columns, '  ');
}

/** What people type for our commands who know other programs'. */
const synonyms: Readonly<Record<string, string>> = {
  ...wordsFor(
    'login',
    'signin',
    'sign-in',
    'log-in',
    'auth',
    'authenticate',
    'authorize',
    'signup',
    'sign-up',
  ),
  ...wordsFor('logout', 'signout', 'sign-out', 'log-out', 'revoke'),
  ...wordsFor('status', 'accounts', 'account', 'list', 'ls', 'users', 'sessions', 'info', 'config'),
  ...wordsFor('whoami', 'me', 'user', 'who'),
  ...wordsFor('token', 'access-token', 'print-token', 'refresh'),
  ...wordsFor('init', 'setup', 'install', 'add', 'configure', 'upgrade', 'update', 'i'),
  ...wordsFor('init --remove', 'uninstall', 'remove', 'rm'),
  ...wordsFor('reset', 'purge', 'clean', 'clear'),
  ...wordsFor('doctor', 'check', 'diagnose', 'debug', 'test'),
  ...wordsFor('serve', 'start', 'server', 'stdio', 'mcp'),
  ...wordsFor('connect', 'proxy', 'remote', 'http', 'bridge'),
  ...wordsFor('run', 'exec', 'spawn', 'wrap'),
  ...wordsFor('export', 'backup', 'dump', 'save'),
  ...wordsFor('import', 'restore', 'load'),
  ...wordsFor('move', 'migrate', 'upload', 'push', 'transfer'),
  ...wordsFor('--version', 'version'),
};

function wordsFor(command: string, ...words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map(word => [word, command]));
}

/** Suggests what a word means elsewhere, in place of the commands that are spelled like it. */
export function withSynonym(said: string): string {
  const [, word = ''] = /^error: unknown command '([\w-]+)'/.exec(said) ?? [];
  const command = Object.hasOwn(synonyms, word.toLowerCase()) ? synonyms[word.toLowerCase()] : undefined;
  if (command === undefined) return said;
  return `${said.replace(/\n\(Did you mean .*\)/, '').trimEnd()}\n(Did you mean ${command}?)\n`;
}

/** What to do about a command line of `connect` that `mcp-remote` would take; empty where there is nothing to say. */
export function connectAdvice(said: string): string {
  if (/^error: too many arguments/.test(said)) {
    return `${l10n.t('Give one address. A header with a space in it needs quotes, or none: "Name:${VARIABLE}". CALLBACK_PORT names another port for the browser to come back to.')}\n`;
  }
  const [, option = ''] = /^error: unknown option '(--[\w-]+)/.exec(said) ?? [];
  const advice = adviceOn(option);
  return advice === undefined ? '' : `${advice}\n`;
}

/** What to do about an option of mcp-remote that `connect` does not take; `docs/mcp-remote.md` has the same sentences. */
export function adviceOn(option: string): string | undefined {
  switch (option) {
    case '--allow-http':
      return l10n.t('A token never travels in the clear: http is allowed only for this machine. Use https.');
    case '--static-oauth-client-info':
    case '--client-metadata-url':
      return l10n.t(
        'Set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_AUDIENCE for a tenant, client and API of your own; a client secret is never used.',
      );
    case '--static-oauth-client-metadata':
      return l10n.t(
        'Nothing is registered: set AUTH0_CLIENT_ID for a client of your own; --scope asks for a scope.',
      );
    case '--authorize-param':
      return l10n.t(
        'Set AUTH0_AUDIENCE for an API of your own; --scope asks for a scope, and --account names who signs in. Others are not sent.',
      );
    case '--resource':
    case '--disable-resource-parameter':
      return l10n.t(
        'The API that the token is for is what the server declares (RFC 9728); --audience names another one, and --account keeps accounts apart.',
      );
    case '--host':
    case '--callback-path':
    case '--auth-success-url':
      return l10n.t(
        'The browser comes back to http://localhost:8765/callback; CALLBACK_PORT names another port.',
      );
    case '--device-code':
      return l10n.t(
        'Leave it out: you get a code where no browser can open. To sign in with one now: omnispindle login --device',
      );
    case '--client-credentials':
    case '--token-endpoint':
      return l10n.t(
        'Only a person signs in here. For a program that acts for itself, set AUTH0_TOKEN to an access token that you have got for it.',
      );
    case '--use-id-token':
      return l10n.t(
        'A server is given the access token, never the ID token, which says who you are to the client alone. AUTH0_TOKEN takes an access token of your own.',
      );
    case '--auth-timeout':
      return l10n.t('Leave it out: a sign-in stays open for five minutes.');
    case '--silent':
      return l10n.t('Leave it out: without --debug only warnings and what you must know are written.');
    case '--protocol':
      return l10n.t(
        'Leave it out: client and server may each speak either revision of the protocol. Which is found out, and what differs is translated.',
      );
    case '--ipv4':
      return l10n.t(
        'Leave it out: where one address of a name cannot be reached, the others are tried. To keep to IPv4 first, set NODE_OPTIONS=--dns-result-order=ipv4first.',
      );
    case '--keep-alive':
    case '--ping-interval':
      return l10n.t(
        'Leave it out: no ping is sent. A connection or a session that was dropped is begun again when it is needed.',
      );
    case '--disable-cookies':
      return l10n.t(
        'Leave it out: cookies go to no other origin than the server’s own, and are not kept on disk.',
      );
    case '--connect-timeout':
    case '--headers-timeout':
    case '--body-timeout':
      return l10n.t(
        'Leave it out: a call waits as long as the client does, and a silent stream is not closed.',
      );
    case '--version':
      return l10n.t('Ask the program, not a command of it: omnispindle --version');
    default:
      return undefined;
  }
}
