import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What that section of the README has a person type, block by block. */
export function shellBlocksOf(section: string): string[] {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const start = readme.indexOf(`\n## ${section}\n`);
  const end = readme.indexOf('\n## ', start + 1);
  const text = readme.slice(start, end);
  return [...text.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, block = '']) => block);
}
