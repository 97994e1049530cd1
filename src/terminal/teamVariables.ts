/** What of a team's server can be set by variables of ours, besides the tenant and the database. */
export const teamVariables = [
  'OMNISPINDLE_HOST',
  'OMNISPINDLE_PORT',
  'OMNISPINDLE_URL',
  'OMNISPINDLE_BEHIND_PROXY',
  'OMNISPINDLE_ALLOWED_HOSTS',
  'OMNISPINDLE_ALLOWED_ORIGINS',
  'OMNISPINDLE_STOP_TIMEOUT',
  'OMNISPINDLE_STOP_DELAY',
  'OMNISPINDLE_MAX_CALLS',
  'OMNISPINDLE_MAX_CALLS_PER_ACCOUNT',
  'OMNISPINDLE_MAX_BODY_BYTES',
  'OMNISPINDLE_RATE_LIMIT',
  'OMNISPINDLE_ADDRESS_RATE_LIMIT',
  'OMNISPINDLE_TRUSTED_PROXIES',
  'OMNISPINDLE_METRICS_PORT',
  'OMNISPINDLE_METRICS_HOST',
] as const;

/** What it reads besides, which has other uses, too. */
const others = ['OMNISPINDLE_TOOL_LOADOUT', 'OMNISPINDLE_DATA_DIR', 'OMNISPINDLE_DEBUG'];

const names = new Set<string>([...teamVariables, ...others]);

/** Whether a variable of that name is a setting of a team's server; the tenant's are known elsewhere. */
export function isTeamVariable(name: string): boolean {
  return names.has(name) || /^(?:DATABASE_(?:MIGRATION_)?URL(?:_FILE)?|OTEL_[A-Z\d_]+)$/.test(name);
}
