import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { homeIfAny } from '../../../platform/settingPath.ts';
import { workingDirectory } from '../../workingDirectory.ts';

/** What makes a directory a project, whose files somebody else may have written. */
const projectMarks = ['package.json', 'node_modules', '.npmrc', '.git', '.hg', '.svn'];

/**
 * Whether a program is only here for a while, or is whatever a project says: it lies among a project's packages,
 * in the cache of `npx`, or in the project we stand in.
 * @param path an absolute path, past any link
 */
export function isBorrowed(path: string, cwd = workingDirectory()): boolean {
  const parts = path.split(sep);
  if (parts.includes('node_modules') || parts.includes('_npx')) return true;
  const project = cwd === undefined ? undefined : projectOf(cwd);
  return project !== undefined && lies(path, project);
}

/** Whether `path` is in that directory, or is it. */
export function lies(path: string, directory: string): boolean {
  const rest = relative(directory, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}

/** The outermost project around a directory; the home directory does not count as one, whatever is in it. */
function projectOf(directory: string): string | undefined {
  const home = homeIfAny();
  const end = home === undefined ? undefined : real(home);
  const isEnd = (at: string) => dirname(at) === at || (end !== undefined && lies(end, at));
  let found: string | undefined;
  for (let at = real(directory); !isEnd(at); at = dirname(at)) {
    if (projectMarks.some(mark => existsSync(join(at, mark)))) found = at;
  }
  return found;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
