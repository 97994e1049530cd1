import * as l10n from '@vscode/l10n';
import { statusFields } from './commands/status/report.ts';
import { helpExample, helpItem, helpWidth } from './helpLayout.ts';
import { teamVariables } from './teamVariables.ts';
import { wrap } from './wrap.ts';

/** What the help of `omnispindle` says after its list of commands. */
export function generalHelp(): string {
  return wrap(l10n.t('More: omnispindle help COMMAND, help environment, help exit-codes'), helpWidth());
}

/** What can be looked up besides commands, with what is said of each. */
export const helpTopics = {
  environment: environmentHelp,
  'exit-codes': exitCodesHelp,
} as const;

function exitCodesHelp(): string {
  const codes: readonly [code: string, meaning: string][] = [
    ['0', l10n.t('done')],
    ['1', l10n.t('failed')],
    ['2', l10n.t('wrong usage or settings')],
    ['3', l10n.t('nobody is signed in, the sign-in was refused, or AUTH0_TOKEN is not valid')],
    ['4', l10n.t('the tenant could not be reached, or did not answer as it should')],
    ['130', l10n.t('stopped with Ctrl-C (128 and the number of the signal)')],
  ];
  return listed(l10n.t('Exit codes:'), codes);
}

function environmentHelp(): string {
  const variables: readonly [name: string, meaning: string][] = [
    ['AUTH0_TOKEN', l10n.t('a token of your own, instead of signing in')],
    ['AUTH0_DOMAIN', l10n.t('your own tenant, with AUTH0_CLIENT_ID and AUTH0_AUDIENCE')],
    ['AUTH0_ORGANIZATION', l10n.t('the organization to sign in to, by its id or name')],
    ['CALLBACK_PORT', l10n.t('the port the browser comes back to (8765)')],
    [
      'OMNISPINDLE_ENV_FILE',
      l10n.t('a file with these settings; one in the directory must be trusted first'),
    ],
    ['OMNISPINDLE_ACCOUNT', l10n.t('the account to use, where there are several')],
    ['OMNISPINDLE_TOOL_LOADOUT', 'full, basic, minimal, lessons, read_only, write_only'],
    ['OMNISPINDLE_DATA_DIR', l10n.t('where data and sessions are kept')],
    ['OMNISPINDLE_DEBUG', l10n.t('1 for a detailed log on stderr')],
    ['BROWSER', l10n.t('the command that opens a browser; "none" only prints the address')],
  ];
  const title = l10n.t(
    'Environment (AUTH0_*, CALLBACK_PORT and OMNISPINDLE_ACCOUNT also from a .env here that you trust):',
  );
  return `${listed(title, variables)}\n\n${teamEnvironmentHelp()}`;
}

function teamEnvironmentHelp(): string {
  const databases: readonly [name: string, meaning: string][] = [
    ['DATABASE_URL', l10n.t('the Postgres database; DATABASE_URL_FILE names a file with it')],
    [
      'DATABASE_MIGRATION_URL',
      l10n.t('the same, with the role that owns the tables; or DATABASE_MIGRATION_URL_FILE'),
    ],
  ];
  const more = l10n.t(
    'And, as docs/team-server.md and docs/team-operations.md say: {0}',
    [...teamVariables, 'OTEL_EXPORTER_OTLP_ENDPOINT'].join(', '),
  );
  return `${listed(l10n.t('Environment of a team’s server (omnispindle serve --http):'), databases)}\n${wrap(more, helpWidth())}`;
}

function listed(title: string, items: readonly (readonly [term: string, meaning: string])[]): string {
  const termWidth = Math.max(...items.map(([term]) => term.length));
  const lines = items.map(([term, meaning]) => helpItem(term, termWidth, meaning));
  return [wrap(title, helpWidth()), ...lines].join('\n');
}

/** How a command is called, behind its heading. */
export function usage(words: string): string {
  const title = `${translatedTitle('Usage:')} `;
  return wrap(title + words, helpWidth(), '  ').slice(title.length);
}

/** A heading of the help, which the parser writes in English. */
export function translatedTitle(title: string): string {
  const titles: Record<string, string> = {
    'Usage:': l10n.t('Usage:'),
    'Arguments:': l10n.t('Arguments:'),
    'Options:': l10n.t('Options:'),
    'Commands:': l10n.t('Commands:'),
  };
  return titles[title] ?? title;
}

const commandExamples: Record<string, readonly string[]> = {
  serve: [
    'omnispindle serve',
    'omnispindle serve --account ada@example.com',
    'omnispindle serve --http --url https://todos.example.com',
    'omnispindle serve --http --migrate-only -e /etc/omnispindle.env',
  ],
  connect: [
    'omnispindle connect https://example.com/mcp',
    'omnispindle connect https://example.com/mcp --header \'X-Team: ${TEAM}\' --ignore-tool "delete_*"',
  ],
  run: [
    'omnispindle run --variable API_TOKEN -- npx -y some-mcp-server --verbose',
    'omnispindle run --variable API_TOKEN --audience https://notes.example.com/ --scope notes:read -- notes-server',
  ],
  login: [
    'omnispindle login',
    'omnispindle login --device',
    'omnispindle login --account ada@example.com --fresh',
    'omnispindle login --organization acme',
    'omnispindle login --invitation -',
  ],
  logout: [
    'omnispindle logout',
    'omnispindle logout --account ada@example.com --browser',
    'omnispindle logout --all',
  ],
  whoami: ['omnispindle whoami', 'omnispindle whoami --json'],
  status: ['omnispindle status', 'omnispindle status --json'],
  token: [
    'curl --oauth2-bearer "$(omnispindle token)" https://api.example.com/',
    'omnispindle token --login --account ada@example.com | pbcopy',
    'omnispindle token --audience https://notes.example.com/ --scope notes:read',
  ],
  export: [
    'omnispindle export todos.jsonl',
    'omnispindle export --account ada@example.com | gzip > todos.jsonl.gz',
  ],
  import: ['omnispindle import todos.jsonl', 'gunzip -c todos.jsonl.gz | omnispindle import'],
  move: [
    'omnispindle move --to https://todos.example.com',
    'omnispindle move --to https://todos.example.com --account ada@example.com',
  ],
  init: [
    'omnispindle init --client claude-desktop',
    'omnispindle init',
    'omnispindle init --client codex --print',
    'omnispindle init --client cursor --npx',
    'omnispindle init --remove',
  ],
  reset: ['omnispindle reset', 'yes | omnispindle reset --json'],
  trust: ['omnispindle trust', 'omnispindle trust ~/work/.env', 'omnispindle trust --list'],
  doctor: ['omnispindle doctor', 'omnispindle doctor --json'],
  claim: ['omnispindle claim', 'omnispindle claim --account ada@example.com'],
};

/** What the help of a command says after its options. */
export function commandHelp(name: string): string {
  const examples = (commandExamples[name] ?? []).map(helpExample);
  const json =
    name === 'status' ? `\n\n${listed(l10n.t('What --json prints (docs/json.md):'), statusFields())}` : '';
  return `
${l10n.t('Examples:')}
${examples.join('\n')}${json}

${wrap(l10n.t('More: omnispindle help environment, help exit-codes'), helpWidth())}`;
}
