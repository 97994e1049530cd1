import type { ServerSetting } from './configuredServers.ts';
import { late } from './late.ts';

const reader = late(() => import('./configuredServers.ts'));

/**
 * Reads the setting `omnispindle.servers` as it is now. What checks it is loaded when it is first read: no window waits
 * for that at its start.
 */
export async function readServers(): Promise<ServerSetting> {
  const { configuredServers } = await reader();
  return configuredServers();
}
