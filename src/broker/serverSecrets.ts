/** What the setting of a server says that may be a secret: it goes by no file, variable or argument. */
export interface ServerSecrets {
  /** The headers of a remote server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The variables of a local one. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}
