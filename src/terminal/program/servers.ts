import { Option, type Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import {
  accountOption,
  audienceOption,
  collect,
  envFileOption,
  organizationOption,
  scopeOption,
} from '../options.ts';
import { connectAdvice, withoutValues, shown } from '../usage.ts';

const httpOptions = new Set<string>();

/** An option of `serve --http`, which its other uses do not have. */
function httpOption<Flags extends string>(flags: Flags, description: string): Option<Flags> {
  const option = new Option(flags, description);
  httpOptions.add(option.attributeName());
  return option;
}

/** Refuses what belongs to HTTP without `--http`, and to stdio with it: silently left out, it would not do what is meant. */
function requireFitting(command: CommandUnknownOpts, isHttp: boolean): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const isGiven = command.getOptionValueSource(name) === 'cli';
    if (!isGiven || (isHttp ? name !== 'account' : !httpOptions.has(name))) continue;
    command.error(
      isHttp
        ? l10n.t(
            'error: {0} is for one person. With --http each signs in to their own client.',
            option.long ?? '',
          )
        : l10n.t('error: {0} needs --http.', option.long ?? ''),
    );
  }
}

/** The commands that an MCP client starts. */
export function addServerCommands(program: Command): void {
  program
    .command('serve')
    .summary(l10n.t('run the MCP server on stdio; an MCP client starts this'))
    .description(l10n.t('run the MCP server on stdio; this is what an MCP client starts'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .option('--http', l10n.t('serve many people over HTTP instead, as an OAuth resource server'))
    .addOption(httpOption('--host <address>', l10n.t('listen at this address of the machine (127.0.0.1)')))
    .addOption(httpOption('--port <port>', l10n.t('listen at this port (8770)')))
    .addOption(httpOption('--url <url>', l10n.t('the public address, as in https://todos.example.com')))
    .addOption(
      httpOption('--behind-proxy', l10n.t('none but a proxy with TLS, or this machine, reaches the address')),
    )
    .addOption(
      httpOption('--allow-host <name>', l10n.t('a further name of this server; may be repeated')).argParser(
        collect,
      ),
    )
    .addOption(
      httpOption(
        '--allow-origin <origin>',
        l10n.t('whose pages may call it, too; may be repeated'),
      ).argParser(collect),
    )
    .addOption(
      httpOption('--stop-timeout <seconds>', l10n.t('how long calls may take when it is to end (20)')),
    )
    .addOption(
      httpOption(
        '--metrics-port <port>',
        l10n.t('serve metrics for Prometheus at this port of this machine'),
      ),
    )
    .addOption(
      httpOption('--migrate-only', l10n.t('bring the tables of the Postgres database up to date, and end')),
    )
    .action(async ({ http, migrateOnly, ...options }, command) => {
      requireFitting(command, http === true);
      if (migrateOnly) process.exit(await (await import('../migrateOnly.ts')).migrateOnly(options.envFile));
      if (http) process.exit(await (await import('../serveHttp.ts')).serveHttp(options));
      // Nothing that still waits, for example for a browser, outlives the client.
      process.exit(await (await import('../serve.ts')).serve(options));
    });
  program
    .command('connect <url>')
    .summary(l10n.t('put a remote MCP server on stdio, with a valid token'))
    .description(l10n.t('put a remote MCP server on stdio, with a token that never goes stale'))
    .option(
      '--header <header>',
      l10n.t('a header of your own, "Name: value"; ${NAME} stands for a variable; may be repeated'),
      collect,
    )
    .option('--header-file <file>', l10n.t('a file of such headers, a line each; # begins a comment'))
    .addOption(
      new Option(
        '--transport <transport>',
        l10n.t('Streamable HTTP or the older HTTP+SSE, and whether to try the other one where it fails'),
      )
        .choices(['http-first', 'sse-first', 'http-only', 'sse-only'])
        .default('http-first'),
    )
    .option(
      '--ignore-tool <pattern>',
      l10n.t('hide tools by name; * stands for any characters; may be repeated'),
      collect,
    )
    .addOption(scopeOption(l10n.t('a scope the server needs; may be repeated')))
    .addOption(audienceOption().conflicts('defaultAudience'))
    .option(
      '--default-audience',
      l10n.t('a server that names no API gets tokens for yours (AUTH0_AUDIENCE), and can use it as you'),
    )
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .option('--debug', l10n.t('write a detailed log on stderr (as OMNISPINDLE_DEBUG=1 does)'))
    // Known from mcp-remote; here the variables of the environment always count.
    .addOption(new Option('--enable-proxy').hideHelp())
    .configureOutput({
      outputError: (said, write) => {
        write(shown(withoutValues(said), connectAdvice(said)));
      },
    })
    .action(async (url, options) => (await import('../commands/connect.ts')).connect(url, options));
  program
    .command('run <command> [args...]')
    .summary(l10n.t('run a local MCP server with a valid token in a variable'))
    .description(
      l10n.t('run a stdio MCP server that reads its token from a variable, and keep that token good'),
    )
    .requiredOption('--variable <name>', l10n.t('the variable in which the server expects its token'))
    .option('--cwd <directory>', l10n.t('the directory in which the server runs, absolute or below ~'))
    .addOption(audienceOption())
    .addOption(scopeOption(l10n.t('a scope the server needs; may be repeated')))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    // What follows the command is the command's, as with "env" or "npx".
    .passThroughOptions()
    .action(async (command, args, options) =>
      (await import('../commands/run.ts')).run(command, args, options),
    );
}
