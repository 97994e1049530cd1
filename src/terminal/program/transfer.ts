import type { Command } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import { accountOption, audienceOption, envFileOption, jsonOption, organizationOption } from '../options.ts';

/** The commands that take an account's todos elsewhere. */
export function addTransferCommands(program: Command): void {
  program
    .command('export [file]')
    .summary(l10n.t('write your todos and lessons to a file'))
    .description(
      l10n.t('write your todos, lessons and log to a file, or to stdout; docs/export-format.md describes it'),
    )
    .option('--force', l10n.t('take the place of a file that is there'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('../commands/export.ts')).exportRows(file, options));
  program
    .command('import [file]')
    .summary(l10n.t('take over todos and lessons from such a file'))
    .description(
      l10n.t(
        'take over what "export" has written, from a file or from stdin; it becomes yours, and to import it again does no harm',
      ),
    )
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('../commands/import.ts')).importRows(file, options));
  program
    .command('move')
    .summary(l10n.t('take your todos and lessons to a team’s server'))
    .description(
      l10n.t(
        'take your todos, lessons and log to a team’s server, and check that they are there; they stay here, too',
      ),
    )
    .requiredOption('--to <url>', l10n.t('the server’s address, for example https://todos.example.com'))
    .option(
      '--from-all',
      l10n.t(
        'take along what other accounts have on this machine, as yours: as what you wrote at another tenant',
      ),
    )
    .addOption(audienceOption())
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/move.ts')).move(options));
}
