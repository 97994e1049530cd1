/** Up to here a list is counted: beyond, its total is a lower bound. */
export const mostCounted = 1_000;
/** Items that an offset passes over at most, one by one; a cursor costs the same wherever it stands. */
export const mostPassedOver = 10_000;

/** Which page of a list to read, by an offset or by a cursor. */
export interface Page {
  readonly limit: number;
  /** {@link mostPassedOver} at most; 0 where there is a cursor. */
  readonly offset: number;
  /** Where the last page ended: its {@link Listing.nextCursor}. */
  readonly cursor?: string | undefined;
  /** Whether there is room for one more, asked of each as it is read; the list ends before the first without. */
  readonly hasRoom?: (item: object) => boolean;
}

/** One page of a list. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** How many there are without the page's limit, {@link mostCounted} at most. */
  readonly total: number;
  /** There are `total` or more. */
  readonly isLowerBound?: true;
  /** Where there are more: what the next page begins with. */
  readonly nextCursor?: string;
}
