import * as vscode from 'vscode';
import { OmnispindleError } from '../common/errors.ts';
import { defaultCallbackPort, flowNames, type FlowName } from '../auth/flows/names.ts';
import { settingText } from '../common/settingText.ts';
import { defaultTenant, isSameTenant, issuerOf, parseTenant, type Tenant } from '../auth/tenant.ts';

const section = 'omnispindle';
/** The setting that says which server "Omnispindle" is, in our section, and its value for the bundled one. */
export const [ownServerKey, bundledValue] = ['server', 'bundled'] as const;

/**
 * Reads one of our settings as the person set it for themselves. They are application-scoped, so no
 * workspace can set them; the value a workspace would give is not looked at either.
 */
export function userSetting(key: string): unknown {
  const found = vscode.workspace.getConfiguration(section).inspect(key);
  return found?.globalValue ?? found?.defaultValue;
}

/** A text that the editor passes on as it stands. @throws OmnispindleError `invalid_settings` where it is a placeholder */
function filledIn(key: string): unknown {
  const value = userSetting(key);
  return typeof value === 'string' ? settingText(`${section}.${key}`, value) : value;
}

/** The tenant to sign in at. @throws OmnispindleError `invalid_settings`, naming the setting */
export function tenantSetting(): Tenant {
  return parseTenant({
    domain: filledIn('auth0.domain'),
    clientId: filledIn('auth0.clientId'),
    audience: filledIn('auth0.audience'),
    organization: filledIn('auth0.organization'),
  });
}

/** The host people sign in at. @throws OmnispindleError `invalid_settings` */
export function tenantHost(): string {
  return new URL(issuerOf(tenantSetting())).host;
}

/** The host people sign in at, where the settings are not Omnispindle's own. @throws OmnispindleError `invalid_settings` */
export function otherTenantHost(): string | undefined {
  return isSameTenant(tenantSetting(), defaultTenant) ? undefined : tenantHost();
}

/**
 * Port of the loopback callback.
 * @throws OmnispindleError `invalid_settings`
 */
export function callbackPortSetting(): number {
  const port = userSetting('signIn.callbackPort') ?? defaultCallbackPort;
  if (Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536) return Number(port);
  throw new OmnispindleError(
    'invalid_settings',
    vscode.l10n.t('The setting omnispindle.signIn.callbackPort must be a port number from 1 to 65535.'),
  );
}

const flows: readonly string[] = ['auto', ...flowNames];

/**
 * The sign-in flow that the person wants.
 * @throws OmnispindleError `invalid_settings`
 */
export function flowSetting(): FlowName | 'auto' {
  const flow = userSetting('signIn.flow') ?? 'auto';
  if (typeof flow === 'string' && flows.includes(flow)) return flow as FlowName | 'auto';
  throw new OmnispindleError(
    'invalid_settings',
    vscode.l10n.t('The setting omnispindle.signIn.flow must be one of: {0}.', flows.join(', ')),
  );
}

/** Whether a change of settings concerns who people sign in to. */
export function affectsTenant(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${section}.auth0`);
}

/** What stands in the setting as the address of a team's server, right or wrong; undefined for the bundled one. */
export function teamAddress(): string | undefined {
  const value = userSetting(ownServerKey);
  return typeof value === 'string' && value.trim() !== '' && value !== bundledValue ? value : undefined;
}

/** Whether a change of settings concerns which server "Omnispindle" is. */
export function affectsOwnServer(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${section}.${ownServerKey}`);
}

/** Whether a change of settings concerns configured servers. */
export function affectsServers(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(`${section}.servers`);
}
