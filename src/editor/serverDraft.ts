import type { ConfiguredServer } from './configuredServers.ts';
import { referenceTo, secretNameFor } from './secretReferences.ts';
import type { AskedServer } from './serverAnswers.ts';

/** A header, or variable, with a secret. */
interface DraftField {
  name: string;
  value: string;
}

/** What the person has typed of a server by now: whoever goes back finds it again. */
export interface ServerDraft {
  kind: 'remote' | 'local';
  url: string;
  /** The command with its arguments, as one line. */
  line: string;
  tokenVariable: string;
  /** Absent where it is the one that we suggest. */
  name?: string | undefined;
  /** The secrets besides the token. */
  fields: DraftField[];
  /** The server without its secrets, once its name was given. */
  named?: NamedServer | undefined;
  /** What the person lets the server have tokens for. */
  allowed?: AskedServer | undefined;
}

/** A server that has its name, and no secrets yet. */
interface NamedServer {
  readonly name: string;
  readonly core: ConfiguredServer;
}

/** The server of a draft that is complete. */
export interface FinishedServer {
  readonly name: string;
  readonly server: ConfiguredServer;
  /** The values of its secrets by the names that the server refers to them by. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly allowed: AskedServer | undefined;
}

/** A draft in which nothing was typed. */
export function emptyDraft(): ServerDraft {
  return { kind: 'remote', url: '', line: '', tokenVariable: '', fields: [] };
}

/**
 * Makes the server's entry, with references in the place of its secrets.
 * @param taken names of secrets that are kept already
 * @returns undefined where the draft is not complete
 */
export function finish(draft: ServerDraft, taken: readonly string[]): FinishedServer | undefined {
  if (!draft.named) return undefined;
  const { name, core } = draft.named;
  const secrets = new Map<string, string>();
  const references: Record<string, string> = {};
  for (const field of draft.fields) {
    const secret = secretNameFor(name, field.name, [...taken, ...secrets.keys()]);
    secrets.set(secret, field.value);
    references[field.name] = referenceTo(secret);
  }
  const fields = 'url' in core ? { headers: references } : { env: references };
  const server = draft.fields.length === 0 ? core : { ...core, ...fields };
  return { name, server, secrets, allowed: draft.allowed };
}
