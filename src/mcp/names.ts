/** The revisions of the legacy era, the newest first. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** What the modern era says with each message (MCP specification 2026-07-28, "_meta"). */
export const metaKeys = {
  version: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Codes of errors (JSON-RPC 2.0, section 5.1; MCP specification, "Error Codes"). */
export const rpcCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  /** What a server or a bridge says by itself: JSON-RPC leaves -32000 to -32099 to implementations. */
  implementation: -32_000,
  /** Legacy era only; the modern one says {@link rpcCodes.invalidParams}. */
  resourceNotFound: -32_002,
  /** Modern era only, as the two after it: the headers do not say what the body says. */
  headerMismatch: -32_020,
  missingCapability: -32_021,
  unsupportedVersion: -32_022,
  /** Legacy era only (revision 2025-11-25, "URL Elicitation Required Error"). */
  urlElicitationRequired: -32_042,
} as const;

/** From the least to the most severe (RFC 5424 section 6.2.1). */
export const logLevels: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** Lists that may change, and what says so. */
export const listChanges = {
  tools: { filter: 'toolsListChanged', method: 'notifications/tools/list_changed' },
  prompts: { filter: 'promptsListChanged', method: 'notifications/prompts/list_changed' },
  resources: { filter: 'resourcesListChanged', method: 'notifications/resources/list_changed' },
} as const;
