import type { ClientConfiguration } from './client.ts';
import { thisSystem, within } from './system.ts';

/** The directory of one of its versions, as editors name it. */
const directoryName = /^omnispindle\.omnispindle-\d/i;

/**
 * Whether our extension is installed in that editor, in whatever profile. It lists a server of our name itself: Cursor
 * would have two of them, and VS Code switches off the one of two with one name (in whatever case) that comes later, which
 * is the extension's (microsoft/vscode pull request 312234, in 1.118).
 */
export function hasOurExtension(client: ClientConfiguration): boolean {
  const system = thisSystem();
  const directory = client.extensions?.(system);
  if (directory === undefined) return false;
  const removed = removedExtensions(system.read(within(system, directory, '.obsolete')));
  return system.list(directory).some(name => directoryName.test(name) && !removed.includes(name));
}

/** Those that were uninstalled, and are removed at the editor's next start. */
function removedExtensions(text = '{}'): string[] {
  try {
    return Object.keys(JSON.parse(text) as object);
  } catch {
    return [];
  }
}
