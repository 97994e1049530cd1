import type { EntryShape } from './serverEntry.ts';
import { isAbsoluteOn, roaming, within, xdgConfig, type System } from './system.ts';

/** The directory of Goose's settings (its config/paths.rs); on macOS the same as on Linux. */
export function goose(system: System): string {
  const root = system.env['GOOSE_PATH_ROOT'];
  if (root && isAbsoluteOn(system, root)) return within(system, root, 'config');
  if (system.platform === 'win32') return roaming(system, 'Block', 'goose', 'config');
  return xdgConfig(system, 'goose');
}

/** An extension of Goose that is a server on stdio; one without all of these is skipped. */
export const gooseExtension: EntryShape = {
  command: 'cmd',
  args: 'args',
  env: 'envs',
  extra: {
    enabled: true,
    type: 'stdio',
    name: 'omnispindle',
    description: 'Todos and lessons of the signed-in person',
    // Seconds that a call may take: the first one waits for the sign-in.
    timeout: 300,
  },
};
