import { Option, type Command } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import { clients } from '../clients/clients.ts';
import { accountOption, envFileOption, jsonOption, organizationOption } from '../options.ts';

/** The commands about this installation and what it has written. */
export function addSetupCommands(program: Command): void {
  program
    .command('init')
    .summary(l10n.t('install this version, and have MCP clients start it'))
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
    .addOption(
      new Option(
        '--server <url>',
        l10n.t('have it reach the server of your team at this address, instead of the bundled one'),
      ).conflicts('remove'),
    )
    .option('-y, --yes', l10n.t('ask nothing; without --client, update what is installed'))
    .option('--no-tenant', l10n.t('do not write a tenant that the environment names'))
    .option('--no-sign-in', l10n.t('do not ask to sign in where nobody is signed in'))
    .addOption(jsonOption())
    .action(async options => (await import('../commands/init.ts')).init(options));
  program
    .command('trust [file]')
    .summary(l10n.t('let a settings file count'))
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
    .action(async (file, options) => (await import('../commands/trust.ts')).trust(file, options));
  program
    .command('doctor')
    .summary(l10n.t('check what a sign-in needs, and say what to do'))
    .description(l10n.t('check what a sign-in needs, and say what to do'))
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/doctor.ts')).doctor(options));
  program
    .command('claim')
    .summary(l10n.t('take over todos from before tenants were told apart'))
    .description(l10n.t('take over todos and lessons from before tenants were told apart; it asks first'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/claim.ts')).claim(options));
  program
    .command('reset')
    .summary(l10n.t('sign everybody out and remove all that was written'))
    .description(l10n.t('sign everybody out and remove all that Omnispindle has written, after a question'))
    .addOption(jsonOption())
    .action(async options => (await import('../commands/reset.ts')).reset(options));
}
