/** One line of the report: what was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}
