import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This package's version; the bundle lies at another depth than the source, so it is looked for upwards. */
export const version = findVersion(import.meta.dirname);

function findVersion(directory: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    if (name === 'omnispindle' && version) return version;
  } catch {
    // Not here: a parent has it.
  }
  return dirname(directory) === directory ? '0.0.0' : findVersion(dirname(directory));
}
