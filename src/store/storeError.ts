/** An error of the store a person can act on. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: 'invalid_query' | 'invalid_cursor' | 'unavailable' | 'busy';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
