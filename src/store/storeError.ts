import { OmnispindleError } from '../common/errors.ts';

/** An error of the store a person can act on. */
export class StoreError extends OmnispindleError<
  'invalid_query' | 'invalid_cursor' | 'invalid_records' | 'unavailable' | 'busy'
> {
  override readonly name = 'StoreError';
}
