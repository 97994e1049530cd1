import { applicationData, within, type System } from './system.ts';

const file = 'cline_mcp_settings.json';

/**
 * Where Cline keeps its servers. Its editors and its command line share one file since 4.0 of the extension, which
 * takes over what the file in VS Code's storage has (cline/cline pull request 11818); before that file is there,
 * the older one counts.
 */
export function clineSettings(system: System): string {
  const { env } = system;
  if (env['CLINE_MCP_SETTINGS_PATH']) return env['CLINE_MCP_SETTINGS_PATH'];
  const data = env['CLINE_DATA_DIR'] || within(system, clineDirectory(system), 'data');
  const shared = within(system, data, 'settings');
  if (system.list(shared).includes(file)) return within(system, shared, file);
  const storage = applicationData(system, 'Code', 'User', 'globalStorage');
  const older = within(system, storage, 'saoudrizwan.claude-dev', 'settings');
  return within(system, system.list(older).includes(file) ? older : shared, file);
}

/** The directory of all that Cline keeps. */
export function clineDirectory(system: System): string {
  return system.env['CLINE_DIR'] || within(system, system.home, '.cline');
}
