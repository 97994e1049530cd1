import { Command, CommanderError } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import { endWithOutput } from './endWithOutput.ts';
import { exitCodes } from './exitCodes.ts';
import { reportFailure } from './failure.ts';
import { commandHelp, generalHelp, helpTopics, translatedTitle, usage } from './help.ts';
import { helpLayout } from './helpLayout.ts';
import { Interrupted } from './interruptible.ts';
import { useNetwork } from './network.ts';
import { addAccountCommands } from './program/accounts.ts';
import { addServerCommands } from './program/servers.ts';
import { addSetupCommands } from './program/setup.ts';
import { addTransferCommands } from './program/transfer.ts';
import { shown, withoutValues, withSynonym } from './usage.ts';
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

/** The command line: its commands, their options and their help. */
export function createProgram(): Command {
  const program = new Command('omnispindle')
    .description(l10n.t('Gives MCP tools a signed-in user. The first tool call signs you in.'))
    .version(version, '-V, --version', l10n.t('print the version'))
    .helpOption('-h, --help', l10n.t('print the help of a command'))
    .helpCommand('help [command]', l10n.t('print the help of a command'))
    .configureHelp({
      ...helpLayout,
      styleTitle: translatedTitle,
      styleUsage: usage,
      subcommandTerm: command => command.name(),
    })
    .configureOutput({
      outputError: (said, write) => {
        write(shown(withSynonym(withoutValues(said))));
      },
    })
    .showHelpAfterError(l10n.t('Add --help to see what there is.'))
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText('after', generalHelp());
  addServerCommands(program);
  addAccountCommands(program);
  addTransferCommands(program);
  addSetupCommands(program);
  for (const command of program.commands) command.addHelpText('after', commandHelp(command.name()));
  for (const [topic, text] of Object.entries(helpTopics)) {
    const command = program.command(topic, { hidden: true }).action(() => {
      command.outputHelp();
    });
    command.helpInformation = () => `${text()}\n`;
  }
  return program;
}
