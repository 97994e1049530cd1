import * as l10n from '@vscode/l10n';
import { checkCallback } from '../../auth/callbackCheck.ts';
import { discover } from '../../auth/discovery.ts';
import { createFileStore } from '../../sessions/fileStore.ts';
import { checkCallbackPort } from '../../auth/flows/loopback.ts';
import { ensurePrivateDirectory, sessionsDirectory, userDirectory } from '../../platform/paths.ts';
import { plainLine } from '../../common/plainText.ts';
import { issuerOf, type Tenant } from '../../auth/tenant.ts';
import { tenantFetch } from '../../auth/tenantFetch.ts';
import { createVerifier } from '../../auth/verify.ts';
import { browserCommands } from '../browser.ts';
import { readEnvironment, type Environment } from '../environment.ts';
import { exitCodes } from '../exitCodes.ts';
import { verifyOwnToken } from '../ownTokenSource.ts';
import { terminalSurroundings } from '../surroundings.ts';
import { access } from './doctor/access.ts';
import type { Finding } from './doctor/finding.ts';
import { installation } from './doctor/installation.ts';
import { keychainFinding } from './doctor/keychain.ts';
import { settingsFile } from './doctor/settingsFile.ts';
import { todos } from './doctor/todos.ts';
import { bad, good, print } from './output.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
/** Skew (s) from which on tokens look expired, or not yet valid. */
const harmfulSkew = 60;

/** `omnispindle doctor`: checks what a sign-in needs. The exit code says whether all is well. */
export async function doctor({ envFile, json }: { envFile?: string; json?: boolean }): Promise<void> {
  const environment = await readEnvironment({ envFile });
  // Before the others, which close what is open to others without a word.
  const directories = await access();
  const checks = await Promise.all([
    tenantReachable(environment),
    clock(environment.tenant),
    callback(environment),
    port(environment.callbackPort),
    browser(),
    keychainFinding(silent),
    sessions(),
  ]);
  const findings = [
    ...settingsFile(environment),
    ...(await ownToken(environment)),
    ...directories,
    ...checks,
    ...(await todos()),
    ...(await installation()),
  ];
  print(
    json,
    { ok: findings.every(finding => finding.ok), findings },
    findings
      .map(({ ok, check, message }) => `${ok ? good('✔') : bad('✘')} ${check}: ${plainLine(message, 2_000)}`)
      .join('\n'),
  );
  if (findings.some(finding => !finding.ok)) process.exitCode = exitCodes.failed;
}

async function tenantReachable({ tenant, tenantNotice }: Environment): Promise<Finding> {
  const check = l10n.t('Tenant');
  const whose = tenantNotice ? [tenantNotice.message] : [];
  try {
    await discover(tenant);
    return { check, ok: true, message: [l10n.t('{0} answers.', tenant.domain), ...whose].join(' ') };
  } catch (error) {
    return { check, ok: false, message: [(error as Error).message, ...whose].join(' ') };
  }
}

async function clock(tenant: Tenant): Promise<Finding> {
  const check = l10n.t('Clock');
  try {
    const { headers } = await tenantFetch(tenant)(`${issuerOf(tenant)}.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(10_000),
    });
    const skew = Math.round((Date.now() - Date.parse(headers.get('date') ?? '')) / 1000);
    if (Number.isNaN(skew)) throw new Error('The answer has no date.');
    if (Math.abs(skew) < harmfulSkew) {
      return { check, ok: true, message: l10n.t('it agrees with the tenant’s.') };
    }
    const seconds = String(Math.abs(skew));
    const message =
      skew > 0
        ? l10n.t('it is {0} s ahead of the tenant’s. Set it, or turn on automatic time.', seconds)
        : l10n.t('it is {0} s behind the tenant’s. Set it, or turn on automatic time.', seconds);
    return { check, ok: false, message };
  } catch {
    return {
      check,
      ok: false,
      message: l10n.t('the tenant did not say its time. Check the network, then try again.'),
    };
  }
}

async function callback({ tenant, callbackPort }: Environment): Promise<Finding> {
  const check = l10n.t('Callback');
  const redirectUri = `http://localhost:${String(callbackPort)}/callback`;
  try {
    await checkCallback(tenant, redirectUri);
    return { check, ok: true, message: l10n.t('the tenant allows {0}.', redirectUri) };
  } catch (error) {
    return { check, ok: false, message: (error as Error).message };
  }
}

async function port(number: number): Promise<Finding> {
  const check = l10n.t('Port');
  try {
    await checkCallbackPort(number);
    return { check, ok: true, message: l10n.t('{0} is free.', String(number)) };
  } catch (error) {
    return { check, ok: false, message: (error as Error).message };
  }
}

async function browser(): Promise<Finding> {
  const check = l10n.t('Browser');
  const named = process.env['BROWSER'];
  if (!named) {
    const { reason } = terminalSurroundings();
    return { check, ok: true, message: reason ?? l10n.t('it can open here.') };
  }
  const { default: which } = await import('which');
  for (const [program] of browserCommands(named, '')) {
    if (program === 'none') {
      return { check, ok: true, message: l10n.t('none opens, as BROWSER says; the address is printed.') };
    }
    if (await which(program, { nothrow: true })) {
      return { check, ok: true, message: l10n.t('{0} opens it, as BROWSER says.', program) };
    }
  }
  const message = l10n.t(
    'BROWSER is "{0}", which cannot be started, so the address is only printed. Correct or remove it.',
    named,
  );
  return { check, ok: false, message };
}

async function sessions(): Promise<Finding> {
  const check = l10n.t('Sessions');
  const directory = sessionsDirectory();
  try {
    await ensurePrivateDirectory(userDirectory(), silent);
    await createFileStore(directory, silent).probe();
    return { check, ok: true, message: l10n.t('they can be kept in {0}.', directory) };
  } catch (error) {
    return { check, ok: false, message: (error as Error).message };
  }
}

/** Where it is set, no sign-in counts. */
async function ownToken({ ownToken: own, tenant }: Environment): Promise<Finding[]> {
  if (!own) return [];
  const check = 'AUTH0_TOKEN';
  try {
    await verifyOwnToken(own, createVerifier(tenant));
    const message = l10n.t('the one from {0} is good, and is used instead of any sign-in.', own.origin);
    return [{ check, ok: true, message }];
  } catch (error) {
    return [{ check, ok: false, message: (error as Error).message }];
  }
}
