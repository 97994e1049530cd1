import { join } from 'node:path';
import { installPinned, pinnedDirectory, type PinnedPackage } from './pinned.ts';

const pinned: PinnedPackage = {
  name: '@modelcontextprotocol/inspector',
  version: '2.12.0',
  integrity: {
    '@modelcontextprotocol/inspector':
      'sha512-ppfN5+HnVWo6dY7jz5RMFUFTfEYPnFUjN3XN2w6PI6nmB/AFFXPGPfLBRvCeSx+qIH6kpi7Nsz5HYRp49loHpA==',
  },
};

/** The MCP Inspector's script, which {@link installInspector} has put there: 110 MB. */
export const inspector = join(
  pinnedDirectory(pinned),
  'node_modules',
  pinned.name,
  'clients',
  'launcher',
  'build',
  'index.js',
);

/**
 * Installs the MCP Inspector, where it is not there yet.
 * @throws Error where it cannot be had
 */
export function installInspector(): void {
  installPinned(pinned);
}
