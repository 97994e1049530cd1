import type { EntryShape } from './serverEntry.ts';
import type { System } from './system.ts';

/** An MCP client's configuration: where it is, and where in it servers stand. */
export interface ClientConfiguration {
  readonly name: string;
  readonly format: 'json' | 'toml' | 'yaml';
  /** The key under which servers stand, by name. */
  readonly key: string;
  /** How an entry says what to start, where it is not as in most clients. */
  readonly shape?: EntryShape;
  path(system: System): string;
  /** A directory that is there once the client is; the one of its configuration where absent. */
  directory?(system: System): string;
  /** Where the client, an editor, keeps its extensions: ours may be among them. */
  extensions?(system: System): string;
  /** An editor that reads it as well, which may have our extension. */
  readonly editor?: string;
  /** The clients that read it, where it is a file of the project that somebody stands in, for all who work on it. */
  readonly sharedBy?: readonly string[];
}
