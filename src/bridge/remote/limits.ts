/** How long (ms) a bridge waits for its server. */
export interface RemoteLimits {
  /** Until a server of HTTP+SSE says where messages go. */
  readonly endpoint: number;
  /** Until a server answers what the bridge asks by itself. */
  readonly silence: number;
  /** Before each further try to reach a server that is away, as while it restarts. */
  readonly backOff: readonly number[];
  /** Before a stream is read on, whatever its server wants. */
  readonly longestRetry: number;
  /** For what is under way when the client has said its last word. */
  readonly lastAnswers: number;
  /** Until the server has heard that the client is gone. */
  readonly farewell: number;
}

/** What counts where nobody says otherwise. */
export const usualLimits: RemoteLimits = {
  endpoint: 10_000,
  silence: 10_000,
  backOff: [250, 500, 1_000, 2_000, 4_000],
  longestRetry: 10_000,
  lastAnswers: 5_000,
  farewell: 2_000,
};
