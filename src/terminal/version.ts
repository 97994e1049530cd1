import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * This package's directory and version; the bundle lies at another depth than the source, so it is looked for
 * upwards.
 */
export const { directory: packageDirectory, version } = findPackage(import.meta.dirname);

function findPackage(directory: string): { directory: string; version: string } {
  try {
    const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    if (name === 'omnispindle' && version) return { directory, version };
  } catch {
    // Not here: a parent has it.
  }
  return dirname(directory) === directory ? { directory, version: '0.0.0' } : findPackage(dirname(directory));
}
