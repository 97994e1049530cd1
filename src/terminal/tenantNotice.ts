import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { defaultTenant, issuerOf, type Tenant } from '../auth/tenant.ts';
import type { Notice } from '../sessions/tokenSource.ts';
import type { SettingName } from './settingsFile.ts';

/** Where each setting was found, for people. */
export type Origins = Partial<Record<SettingName, string | undefined>>;

const settings = {
  domain: 'AUTH0_DOMAIN',
  clientId: 'AUTH0_CLIENT_ID',
  audience: 'AUTH0_AUDIENCE',
  organization: 'AUTH0_ORGANIZATION',
} as const;

/**
 * Names a tenant that is not Omnispindle's own, before anybody signs in there; undefined where it is. No
 * address is in it: the one that people are to open must be the only one they see.
 * @param origins where its settings were found, or whose word it is
 */
export function otherTenant(tenant: Tenant, origins: Origins | string): Notice | undefined {
  const differs = {
    domain: issuerOf(tenant) !== issuerOf(defaultTenant),
    clientId: tenant.clientId !== defaultTenant.clientId,
    audience: tenant.audience !== defaultTenant.audience,
    organization: tenant.organization !== defaultTenant.organization,
  };
  const changed = (['domain', 'clientId', 'audience', 'organization'] as const).filter(
    field => differs[field],
  );
  if (changed.length === 0) return undefined;
  const names = changed.map(field => settings[field]);
  const message = l10n.t(
    'You sign in at {0}, and not with Omnispindle’s own settings: {1}.',
    plainLine(new URL(issuerOf(tenant)).host),
    typeof origins === 'string' ? origins : byOrigin(names, origins),
  );
  return { about: 'tenant', message };
}

function byOrigin(names: readonly SettingName[], origins: Origins): string {
  const groups = Map.groupBy(names, name => origins[name] ?? '');
  return [...groups].map(([origin, group]) => l10n.t('{0} from {1}', group.join(', '), origin)).join('; ');
}
