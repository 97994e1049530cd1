import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import { holdsPlaceholder } from '../common/settingText.ts';

/** Longest identifier of an API (characters); Auth0's are shorter. */
const longestAudience = 600;

/** An option that may be repeated; one that takes several values would swallow the address after it. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `--account`: whose token or session is meant. */
export const accountOption = () =>
  new Option(
    '--account <account>',
    l10n.t('the account to use: its e-mail address or sub (else OMNISPINDLE_ACCOUNT)'),
  ).argParser(parseAccount);

/** `--organization`: which of the tenant's organizations is signed in to. */
export const organizationOption = () =>
  new Option(
    '--organization <organization>',
    l10n.t('the organization to sign in to: its id or name (else AUTH0_ORGANIZATION)'),
  ).argParser(parseOrganization);

/** `--invitation`: what makes somebody a member of an organization, once. */
export const invitationOption = () =>
  new Option(
    '--invitation <link>',
    l10n.t('accept this invitation to an organization, which counts once; - reads the link from stdin'),
  ).conflicts(['device', 'organization']);

/** `--env-file`: the settings file that counts instead of a trusted `.env`. */
export const envFileOption = () =>
  new Option(
    // The short one, because Node.js looks at the long one too, wherever it stands: it obeys NODE_OPTIONS there.
    '-e, --env-file <file>',
    l10n.t('read AUTH0_* and the like from this file (else OMNISPINDLE_ENV_FILE), not from .env here'),
  );

/** `--json`: the result for a script. */
export const jsonOption = () => new Option('--json', l10n.t('print JSON, for scripts'));

/** `--audience`: the API that the token is for (Auth0's "identifier", RFC 8707's resource). */
export const audienceOption = () =>
  new Option(
    '--audience <identifier>',
    l10n.t('the API that the token is for: its identifier at the tenant (else AUTH0_AUDIENCE)'),
  ).argParser(parseAudience);

/** `--scope`: what the token allows besides. */
export const scopeOption = (description: string) =>
  new Option('--scope <scope>', description).argParser(collect);

/**
 * A script whose variable is not set would otherwise act as anybody.
 * @throws InvalidArgumentError
 */
function parseAccount(value: string): string {
  const account = value.trim();
  if (account === '') throw new InvalidArgumentError(l10n.t('It is empty. Give an e-mail address or sub.'));
  return account;
}

/**
 * A script whose variable is not set would otherwise sign in to none.
 * @throws InvalidArgumentError
 */
function parseOrganization(value: string): string {
  const organization = value.trim();
  if (organization === '' || holdsPlaceholder(organization) || /\p{Cc}/u.test(organization)) {
    throw new InvalidArgumentError(l10n.t('Give the id of an organization (org_…), or its name.'));
  }
  return organization;
}

/**
 * The identifier of an API, as it is: Auth0 compares it exactly.
 * @throws InvalidArgumentError
 */
function parseAudience(value: string): string {
  const audience = value.trim();
  if (audience === '') {
    throw new InvalidArgumentError(
      l10n.t('It is empty. Give the identifier of an API of the tenant, for example https://api.example.com'),
    );
  }
  if (audience.length > longestAudience || /[\s\p{Cc}]/u.test(audience) || holdsPlaceholder(audience)) {
    throw new InvalidArgumentError(
      l10n.t(
        'That is no identifier of an API: it has a space, a placeholder, or more than {0} characters. Copy it from the tenant: APIs, the API, Identifier.',
        String(longestAudience),
      ),
    );
  }
  return audience;
}
