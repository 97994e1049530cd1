import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from './errors.ts';

let whenGone: (() => void) | undefined;

/** Has a process that finds its own files gone do that, once, besides saying so. */
export function onFilesGone(end: () => void): void {
  whenGone = end;
}

/**
 * What is to be said of an error that comes from our own files being gone: the program was updated, or removed, while it
 * ran. Undefined for any other error.
 */
export function filesGone(error: unknown): OmnispindleError | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (!isOwnFile(each)) continue;
    whenGone?.();
    whenGone = undefined;
    return new OmnispindleError(
      'server_error',
      l10n.t(
        'Omnispindle was updated, or removed, while this server ran. The server ends now: restart it (in VS Code by "MCP: List Servers"), then call the tool again.',
      ),
      { cause: error },
    );
  }
  return undefined;
}

/** Whether one of our files was to be imported and is not there (Node.js API, "ERR_MODULE_NOT_FOUND"). */
function isOwnFile(error: Error & { readonly url?: unknown }): boolean {
  if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND' || !URL.canParse(String(error.url))) return false;
  const url = new URL(String(error.url));
  // What this program needs late comes from there. A Node.js that is too old, and is told so, has no such thing.
  const own = dirname(import.meta.dirname);
  return url.protocol === 'file:' && !/^(?:\.\.|[a-z]:)/i.test(relative(own, fileURLToPath(url)));
}
