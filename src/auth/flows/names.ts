/** Every flow, in the order in which they are tried. */
export const flowNames = ['uriHandler', 'loopback', 'deviceCode'] as const;

/**
 * The sign-in flows: the editor's own address (RFC 8252 section 7.1), a port on this machine (section 7.3), a code (RFC 8628).
 */
export type FlowName = (typeof flowNames)[number];

/** The port whose callback is registered with Omnispindle's own tenant. */
export const defaultCallbackPort = 8765;
