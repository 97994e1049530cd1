import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import type { Waiting } from '../broker/allowed.ts';
import type { ServerSecrets } from '../broker/serverSecrets.ts';
import { OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { createRefusals } from '../common/refusals.ts';
import { detachable, type Detachable } from '../sessions/detachable.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { ConfiguredServer } from './configuredServers.ts';
import { filledIn, secretNamesOf } from './secretReferences.ts';
import { waitsForAnswer } from './waitsForAnswer.ts';

/** The editor's SecretStorage, as far as secrets of servers need it; not every editor can list its keys. */
interface Storage {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  keys?(): PromiseLike<string[]>;
  onDidChange(listener: (change: { readonly key: string }) => unknown): { dispose(): unknown };
}

/** Where secrets are kept, and who is asked for one. */
export interface ServerSecretsOptions {
  readonly storage: Storage;
  /** Asks the person for a secret that a server needs; undefined where they give none. */
  ask(secret: string, server: string, configured: ConfiguredServer): Promise<string | undefined>;
  /** What `${env:NAME}` is taken from. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The secrets that servers of the setting refer to, in the editor's SecretStorage. */
export interface SecretStore {
  /**
   * The headers and variables of a server, with what they refer to in place: who is missing a secret is asked for it,
   * once, however many calls wait.
   * @throws OmnispindleError `access_denied` where the person gives none, `login_required` where they may not be asked,
   * `invalid_settings` where a variable of the environment is not set
   */
  of(name: string, server: ConfiguredServer, waiting: Waiting): Promise<ServerSecrets>;
  /** The names of those that are kept. */
  names(): Promise<string[]>;
  put(secret: string, value: string): Promise<void>;
  remove(secret: string): Promise<void>;
  /** Hears the name of each secret that is not any more what a server of this window got, whichever window changed it. */
  onDidChange(listener: (secret: string) => void): { dispose(): unknown };
}

const prefix = 'server:';

/** Keeps secrets of servers, an entry each (`server:` and its name). */
export function createSecretStore({ storage, ask, env = process.env }: ServerSecretsOptions): SecretStore {
  const pending = new Map<string, Detachable<string | undefined>>();
  const refusals = createRefusals();
  /** What servers of this window got. */
  const given = new Map<string, string>();

  async function put(secret: string, value: string): Promise<void> {
    await storage.store(prefix + secret, value);
    refusals.forget(secret);
  }

  async function askFor(secret: string, name: string, server: ConfiguredServer): Promise<string | undefined> {
    const value = await ask(secret, name, server);
    if (value === undefined) refusals.add(secret);
    else await put(secret, value);
    return value;
  }

  async function valueOf(
    secret: string,
    name: string,
    server: ConfiguredServer,
    waiting: Waiting,
  ): Promise<string> {
    const kept = await storage.get(prefix + secret);
    if (kept !== undefined) return kept;
    if (waiting.silent) throw needsPerson();
    if (refusals.has(secret)) throw missing(secret, name);
    const entered = await detachable(pending, secret, waiting, onProgress => {
      onProgress(waitsForAnswer());
      return askFor(secret, name, server);
    });
    if (entered === undefined) throw missing(secret, name);
    return entered;
  }

  return {
    async of(name, server, waiting) {
      const secrets = new Map<string, string>();
      // One question after the other.
      for (const secret of secretNamesOf(server)) {
        const value = await valueOf(secret, name, server, waiting);
        secrets.set(secret, value);
        given.set(secret, value);
      }
      const fill = (fields: Readonly<Record<string, string>> = {}) =>
        Object.fromEntries(
          Object.entries(fields).map(([field, value]) => [
            field,
            filledIn(value, wanted => {
              const found = wanted.kind === 'secret' ? secrets.get(wanted.name) : env[wanted.name];
              if (found !== undefined) return found;
              throw noVariable(name, field, wanted.name);
            }),
          ]),
        );
      return 'url' in server ? { headers: fill(server.headers) } : { env: fill(server.env) };
    },
    async names() {
      const keys = (await storage.keys?.()) ?? [];
      return keys.filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length));
    },
    put,
    async remove(secret) {
      await storage.delete(prefix + secret);
    },
    onDidChange: listener =>
      storage.onDidChange(async ({ key }) => {
        const secret = key.slice(prefix.length);
        if (!key.startsWith(prefix) || !given.has(secret)) return;
        if ((await storage.get(key)) !== given.get(secret) && given.delete(secret)) listener(secret);
      }),
  };
}

function missing(secret: string, name: string): AuthError {
  return new AuthError(
    'access_denied',
    l10n.t(
      '{0} needs the secret {1}, which this editor does not have. Enter it with "Omnispindle: Manage Secrets of MCP Servers…", or call it again in five minutes to be asked for it.',
      plainLine(name),
      plainLine(secret),
    ),
  );
}

function noVariable(name: string, field: string, variable: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'The setting omnispindle.servers, server "{0}": {1} needs the variable {2}, which is not set where the editor was started. Set it and start the editor again, or write {3} to have the editor ask for the value and keep it.',
      plainLine(name),
      plainLine(field),
      plainLine(variable),
      '${secret:NAME}',
    ),
  );
}
