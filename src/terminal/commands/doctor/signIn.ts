import * as l10n from '@vscode/l10n';
import { checkCallback } from '../../../auth/callbackCheck.ts';
import { checkDeviceCode } from '../../../auth/deviceCodeCheck.ts';
import { discover } from '../../../auth/discovery.ts';
import { checkCallbackPort } from '../../../auth/flows/loopback.ts';
import { issuerOf, type Tenant } from '../../../auth/tenant.ts';
import { tenantFetch } from '../../../auth/tenantFetch.ts';
import { messageOf } from '../../../common/errors.ts';
import { browserCommands } from '../../browser.ts';
import type { Environment } from '../../environment.ts';
import { terminalSurroundings } from '../../surroundings.ts';
import type { Finding } from './finding.ts';

/** Skew (s) from which on tokens look expired, or not yet valid. */
const harmfulSkew = 60;

/** What a sign-in needs of the tenant, this machine and its browser: a line for each. */
export async function signIn(environment: Environment): Promise<Finding[]> {
  return Promise.all([
    tenantReachable(environment),
    clock(environment.tenant),
    callback(environment),
    code(environment.tenant),
    port(environment.callbackPort),
    browser(),
  ]);
}

async function tenantReachable({ tenant, tenantNotice }: Environment): Promise<Finding> {
  const check = l10n.t('Tenant');
  const whose = tenantNotice ? [tenantNotice.message] : [];
  try {
    const metadata = (await discover(tenant)).serverMetadata();
    const message = [
      l10n.t('{0} answers.', tenant.domain),
      ...whose,
      ...(tenant.organization === undefined
        ? []
        : [l10n.t('People sign in to its organization {0}.', tenant.organization)]),
      ...(metadata.require_pushed_authorization_requests
        ? [l10n.t('It wants authorization requests to be pushed (PAR), which is done.')]
        : []),
      ...(metadata['dpop_signing_alg_values_supported'] === undefined
        ? []
        : [
            l10n.t(
              'It can bind tokens to a key (DPoP), which Omnispindle does not support yet: neither this client nor an API may require that.',
            ),
          ]),
    ];
    return { check, ok: true, message: message.join(' ') };
  } catch (error) {
    return { check, ok: false, message: [messageOf(error), ...whose].join(' ') };
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
    return { check, ok: false, message: messageOf(error) };
  }
}

/** Also what a tenant demands at its token endpoint, which no other line comes to. */
async function code(tenant: Tenant): Promise<Finding> {
  const check = l10n.t('Code');
  try {
    const none = await checkDeviceCode(tenant);
    const given = () => l10n.t('the tenant gives codes to enter in another browser.');
    return none
      ? { check, ok: true, warning: true, message: none.message }
      : { check, ok: true, message: given() };
  } catch (error) {
    return { check, ok: false, message: messageOf(error) };
  }
}

async function port(number: number): Promise<Finding> {
  const check = l10n.t('Port');
  try {
    await checkCallbackPort(number);
    return { check, ok: true, message: l10n.t('{0} is free.', String(number)) };
  } catch (error) {
    return { check, ok: false, message: messageOf(error) };
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
