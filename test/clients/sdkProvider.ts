import type { OAuthDiscoveryState } from '@modelcontextprotocol/client';

/** What a program keeps of a sign-in; the SDKs leave that to whoever uses them. */
export interface Keeper {
  information?: { client_id: string };
  tokens?: { access_token: string; token_type: string };
  verifier?: string;
  discovery?: OAuthDiscoveryState;
}

interface SdkProgram {
  /** Where the browser comes back to. */
  readonly callback: string;
  /** The address of its metadata document, where it has one. */
  readonly document?: string;
  /** The id of a client that was registered by hand. */
  readonly clientId?: string;
  /** Sends the browser to the tenant. */
  openBrowser(url: URL): Promise<void> | void;
}

/** What both SDKs ask of a program that signs a person in. */
export type SdkProvider = ReturnType<typeof providerOf>;

/** Builds it. */
export function providerOf(keeper: Keeper, { callback, document, clientId, openBrowser }: SdkProgram) {
  return {
    redirectUrl: callback,
    ...(document !== undefined && { clientMetadataUrl: document }),
    clientMetadata: {
      client_name: 'A program of the SDK',
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () =>
      keeper.information ?? (clientId === undefined ? undefined : { client_id: clientId }),
    saveClientInformation(information: { client_id: string }) {
      keeper.information = information;
    },
    tokens: () => keeper.tokens,
    saveTokens(tokens: { access_token: string; token_type: string }) {
      keeper.tokens = tokens;
    },
    redirectToAuthorization: openBrowser,
    saveCodeVerifier(verifier: string) {
      keeper.verifier = verifier;
    },
    codeVerifier: () => keeper.verifier ?? '',
    saveDiscoveryState(discovery: OAuthDiscoveryState) {
      keeper.discovery = discovery;
    },
    discoveryState: () => keeper.discovery,
  };
}
