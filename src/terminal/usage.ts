import * as l10n from '@vscode/l10n';

/** What commander says about a wrong command line, without the values in it: a header, or a key in an address, is a secret. */
export function withoutValues(said: string): string {
  return said
    .replace(/(unknown option '[^'=]*)=.*'/s, "$1'")
    .replace(/(too many arguments.* but got \d+): .*/s, '$1.\n');
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

/** @param option one of mcp-remote's */
function adviceOn(option: string): string | undefined {
  switch (option) {
    case '--allow-http':
      return l10n.t('A token never travels in the clear: http is allowed only for this machine. Use https.');
    case '--static-oauth-client-info':
    case '--static-oauth-client-metadata':
    case '--client-metadata-url':
    case '--authorize-param':
    case '--resource':
    case '--disable-resource-parameter':
      return l10n.t(
        'Set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_AUDIENCE for a tenant, client and API of your own; --scope asks for a scope.',
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
    case '--use-id-token':
      return l10n.t('Set AUTH0_TOKEN to use a token of your own.');
    case '--auth-timeout':
      return l10n.t('Leave it out: a sign-in stays open for five minutes.');
    case '--silent':
      return l10n.t('Leave it out: without --debug only warnings and what you must know are written.');
    case '--ipv4':
    case '--protocol':
    case '--keep-alive':
    case '--ping-interval':
    case '--disable-cookies':
    case '--connect-timeout':
    case '--headers-timeout':
    case '--body-timeout':
      return l10n.t('Leave it out: there is nothing like it here.');
    default:
      return undefined;
  }
}
