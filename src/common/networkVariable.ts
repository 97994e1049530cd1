/** In which an editor tells a server that it starts how its requests are to travel. */
export const networkVariable = 'OMNISPINDLE_NETWORK';

/** What an editor's settings say of the network; nothing of it is a secret. */
export interface NetworkSettings {
  /** The proxy's address, without a name and a password. */
  readonly proxy?: string | undefined;
  /** Whether the proxy wants to know who asks: the editor's window tells that, to who may know it. */
  readonly hasLogin?: boolean | undefined;
  /** Hosts that are reached without the proxy. */
  readonly noProxy?: readonly string[] | undefined;
  /** Whether the proxy's own certificate is checked; it is where absent. */
  readonly checksProxy?: boolean | undefined;
  /** Whether what the operating system trusts is trusted, besides what Node.js does. */
  readonly systemCertificates?: boolean | undefined;
}
