import { Option, type Command } from '@commander-js/extra-typings';
import * as l10n from '@vscode/l10n';
import {
  accountOption,
  audienceOption,
  envFileOption,
  invitationOption,
  jsonOption,
  organizationOption,
  scopeOption,
} from '../options.ts';

/** The commands about who is signed in. */
export function addAccountCommands(program: Command): void {
  program
    .command('login')
    .summary(l10n.t('sign in with the browser'))
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
    .action(async options => (await import('../commands/login.ts')).login(options));
  program
    .command('logout')
    .summary(l10n.t('sign out, and end the session at the tenant'))
    .description(l10n.t('sign out, and end the session at the tenant'))
    .option('--all', l10n.t('every account'))
    .option('--browser', l10n.t('log out in the browser, too'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/logout.ts')).logout(options));
  program
    .command('status')
    .summary(l10n.t('say who is signed in, where, and until when'))
    .description(l10n.t('say who is signed in, where, until when, and what to do where something is wrong'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/status.ts')).status(options));
  program
    .command('whoami')
    .summary(l10n.t('name who is signed in'))
    .description(l10n.t('say who is signed in: every account, the latest first'))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/whoami.ts')).whoami(options));
  program
    .command('token')
    .summary(l10n.t('print a valid access token, for scripts'))
    .description(l10n.t('print a valid access token, for scripts'))
    .option('--force', l10n.t('also print it on a terminal, where others may see it'))
    .option('--login', l10n.t('sign in where nobody is; without it, the exit code is 3 then'))
    .addOption(audienceOption())
    .addOption(scopeOption(l10n.t('a scope the token must have; may be repeated')))
    .addOption(accountOption())
    .addOption(organizationOption())
    .addOption(envFileOption())
    .addOption(jsonOption())
    .action(async options => (await import('../commands/token.ts')).token(options));
}
