/** That a request did not get through a proxy. Its message is for a person, and has no password in it. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** The system's code, where the proxy could not be reached. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
