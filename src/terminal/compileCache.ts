import { realpathSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';
import { messageOf } from '../common/errors.ts';
import { compileCacheDirectory, ensurePrivateDirectorySync, userDirectory } from '../platform/paths.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/**
 * What was compiled at an earlier start is not compiled again (Node.js API, `module.enableCompileCache`). What
 * is in the cache is executed, so it is a directory that is proven the user's own; without one there is no
 * cache, and nothing else is different. Node.js itself reads `NODE_COMPILE_CACHE`, which is the person's own setting.
 */
export function useCompileCache(env: NodeJS.ProcessEnv = process.env): void {
  if (env['NODE_COMPILE_CACHE'] || env['NODE_DISABLE_COMPILE_CACHE']) return;
  try {
    // Not the log of `log.ts`, whose patterns would be compiled without the cache.
    const warn = (message: string) => {
      sayOnStderr(`omnispindle: warning: ${message}`);
    };
    const log = { debug: warn, info: warn, warn, error: warn };
    ensurePrivateDirectorySync(userDirectory(env), log);
    const directory = compileCacheDirectory(env);
    ensurePrivateDirectorySync(directory, log);
    refuseMovable(directory);
    const { status, message } = module.enableCompileCache(directory);
    if (status === module.constants.compileCacheStatus.FAILED) throw new Error(message);
  } catch (error) {
    // What is wrong is said by whoever cannot do without; a wrong setting, too.
    if (env['OMNISPINDLE_DEBUG']) sayOnStderr(`omnispindle: There is no compile cache: ${messageOf(error)}`);
  }
}

/**
 * Where others may rename a directory on the way, they could put theirs there between our look and its use.
 * @throws Error that names the directory
 */
function refuseMovable(directory: string): void {
  if (process.getuid === undefined) return;
  for (let path = dirname(realpathSync.native(directory)); ; path = dirname(path)) {
    const { mode } = statSync(path);
    if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) {
      throw new Error(`other users can rename what is in ${path}.`);
    }
    if (path === dirname(path)) return;
  }
}
