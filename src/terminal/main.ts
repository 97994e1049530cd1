import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import { plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { endWithOutput } from './endWithOutput.ts';
import { exitCodes } from './exitCodes.ts';
import { reportFailure } from './failure.ts';
import { commandHelp, generalHelp, translatedTitle } from './help.ts';
import { Interrupted } from './interruptible.ts';
import { clients } from './clients/clients.ts';
import { useNetwork } from './network.ts';
import {
  accountOption,
  audienceOption,
  collect,
  envFileOption,
  invitationOption,
  jsonOption,
  organizationOption,
  scopeOption,
} from './options.ts';
import { connectAdvice, withoutValues } from './usage.ts';
import { version } from './version.ts';

/** Runs one command of `omnispindle`. @returns the process's exit code */
export async function main(argv: readonly string[]): Promise<number> {
  endWithOutput();
  const program = createProgram();
  try {
    useNetwork();
    await program.parseAsync(argv);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // Commander has said what was wrong already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const exitCode = reportFailure(error, wantsJson(argv));
    // A sign-in that the command no longer waits for would keep the process alive.
    if (error instanceof Interrupted) process.exit(exitCode);
    return exitCode;
  }
}

/** Whether JSON is asked of us; what follows `--` is for the server that `run` starts. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

/** What commander says, which repeats what was given: not so that it looks like a line of ours. */
function shown(said: string): string {
  return `${redact(plainText(said.trimEnd())).replaceAll(/\n(?!\(Did you mean )/g, '\n  ')}\n`;
}

/** The command line: its commands, their options and their help. */
export function createProgram(): Command {
  const program = new Command('omnispindle')
    .description(
      l10n.t('Gives MCP tools a signed-in user. With no account yet, the first tool call signs you in.'),
    )
    .version(version, '-V, --version', l10n.t('print the version'))
    .helpOption('-h, --help', l10n.t('print the help of a command'))
    .helpCommand('help [command]', l10n.t('print the help of a command'))
    .configureHelp({ styleTitle: translatedTitle })
    .configureOutput({
      outputError: (said, write) => {
        write(shown(withoutValues(said)));
      },
    })
    .showHelpAfterError(l10n.t('Add --help to see what there is.'))
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText('after', generalHelp());
  program
    .command('serve')
    .description(l10n.t('run the MCP server on stdio; this is what an MCP client starts'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .action(async options => {
      // Nothing that still waits, for example for a browser, outlives the client.
      process.exit(await (await import('./serve.ts')).serve(options));
    });
  program
    .command('connect <url>')
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
        write(shown(withoutValues(said)) + connectAdvice(said));
      },
    })
    .action(async (url, options) => (await import('./commands/connect.ts')).connect(url, options));
  program
    .command('run <command> [args...]')
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
      (await import('./commands/run.ts')).run(command, args, options),
    );
  program
    .command('login')
    .description(l10n.t('sign in, with the browser; Ctrl-C cancels'))
    .addOption(
      new Option('--device', l10n.t('with a code, to enter in any browser')).conflicts(['signup', 'google']),
    )
    .option('--signup', l10n.t('open the sign-up page'))
    .option('--google', l10n.t('go straight to Google'))
    .option('--fresh', l10n.t('have the login page ask who you are, also where the browser is logged in'))
    .addOption(invitationOption())
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/login.ts')).login(options));
  program
    .command('logout')
    .description(l10n.t('sign out, and end the session at the tenant'))
    .option('--all', l10n.t('every account'))
    .option('--browser', l10n.t('log out in the browser, too'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/logout.ts')).logout(options));
  program
    .command('whoami')
    .description(l10n.t('say who is signed in: every account, the latest first'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/whoami.ts')).whoami(options));
  program
    .command('token')
    .description(l10n.t('print a valid access token, for scripts'))
    .option('--force', l10n.t('also print it on a terminal, where others may see it'))
    .addOption(audienceOption())
    .addOption(scopeOption(l10n.t('a scope the token must have; may be repeated')))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/token.ts')).token(options));
  program
    .command('init')
    .description(
      l10n.t(
        'install this version for you, and have MCP clients start it; without --client, choose them, or update it',
      ),
    )
    .addOption(new Option('--client <client>', l10n.t('which client')).choices(Object.keys(clients)))
    .option(
      '--npx',
      l10n.t('install nothing: the client starts it with npx, which goes by the project it is in'),
    )
    .addOption(
      new Option('--remove', l10n.t('take it out again; without --client, of every client')).conflicts([
        'npx',
        'print',
      ]),
    )
    .option('--print', l10n.t('only show what would be written'))
    .addOption(organizationOption().conflicts('remove'))
    .option('-y, --yes', l10n.t('ask nothing; without --client, update what is installed'))
    .option('--no-tenant', l10n.t('do not write a tenant that the environment names'))
    .option('--no-sign-in', l10n.t('do not ask to sign in where nobody is signed in'))
    .addOption(jsonOption())
    .action(async options => (await import('./commands/init.ts')).init(options));
  program
    .command('reset')
    .description(l10n.t('sign everybody out and remove all that Omnispindle has written, after a question'))
    .addOption(jsonOption())
    .action(async options => (await import('./commands/reset.ts')).reset(options));
  program
    .command('trust [file]')
    .description(
      l10n.t('let a settings file count (.env here by default), as it is now; --list shows those that do'),
    )
    .addOption(
      new Option('--list', l10n.t('show the files you trust, and whether they have changed')).conflicts(
        'remove',
      ),
    )
    .option('--remove', l10n.t('trust it no more'))
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./commands/trust.ts')).trust(file, options));
  program
    .command('doctor')
    .description(l10n.t('check what a sign-in needs, and say what to do'))
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/doctor.ts')).doctor(options));
  program
    .command('claim')
    .description(l10n.t('take over todos and lessons from before tenants were told apart; it asks first'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('./commands/claim.ts')).claim(options));
  for (const command of program.commands) command.addHelpText('after', commandHelp(command.name()));
  return program;
}
