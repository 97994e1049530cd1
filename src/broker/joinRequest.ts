/** What a server that was started by nobody here says of itself. The types of the package must not ask for zod. */
export interface JoinRequest {
  readonly version: number;
  /** Its name in the settings. */
  readonly server: string;
  /** A hash of the definition that it was started by. */
  readonly definition: string;
  /** What its client calls itself. */
  readonly client?: string | undefined;
  readonly silent?: boolean | undefined;
}
