import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { isObject } from '../../../common/isObject.ts';
import { objectIn } from './messageParts.ts';
import { legacyVersions, metaKeys } from '../../../mcp/names.ts';
import { newestVersion } from '../eras/era.ts';

type Values = Readonly<Record<string, unknown>>;

/** What a legacy client says in `initialize`, as the modern era has it with each request. */
export function metaOf(initialize: JSONRPCRequest | undefined): Values {
  const { clientInfo, capabilities } = objectIn(initialize?.params);
  return {
    [metaKeys.version]: newestVersion,
    ...(isObject(clientInfo) && { [metaKeys.clientInfo]: clientInfo }),
    [metaKeys.clientCapabilities]: clientCapabilities(objectIn(capabilities)),
  };
}

/** The `initialize` for a server of the legacy era, made of the `_meta` of a modern client's first request. */
export function initializeFor({ jsonrpc, id, params }: JSONRPCRequest): JSONRPCRequest {
  const meta = objectIn(params, '_meta');
  const info = objectIn(meta, metaKeys.clientInfo);
  return {
    jsonrpc,
    id,
    method: 'initialize',
    params: {
      protocolVersion: legacyVersions[0],
      capabilities: objectIn(meta, metaKeys.clientCapabilities),
      // The legacy era wants one from each client, the modern one does not.
      clientInfo: { ...info, name: info['name'] ?? 'unknown', version: info['version'] ?? '0' },
    },
  };
}

/** The result of a legacy client's `initialize`, made of that of `server/discover`. */
export function initializeResult(initialize: JSONRPCRequest, discovered: Values, host: string): Values {
  const wanted: unknown = initialize.params?.['protocolVersion'];
  const { instructions } = discovered;
  const info = objectIn(discovered, '_meta', metaKeys.serverInfo);
  return {
    protocolVersion: legacyVersions.find(version => version === wanted) ?? legacyVersions[0],
    capabilities: objectIn(discovered, 'capabilities'),
    serverInfo: { ...info, name: info['name'] ?? host, version: info['version'] ?? '0' },
    ...(typeof instructions === 'string' && { instructions }),
  };
}

/** The result of a modern client's `server/discover`, made of that of `initialize`. */
export function discoverResult(initialized: Values): Values {
  const { instructions, serverInfo } = initialized;
  const { tasks: _, ...capabilities } = objectIn(initialized, 'capabilities');
  return {
    resultType: 'complete',
    supportedVersions: [newestVersion],
    capabilities,
    ...(typeof instructions === 'string' && { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    ...(isObject(serverInfo) && { _meta: { [metaKeys.serverInfo]: serverInfo } }),
  };
}

/** Without what the modern era has no more: tasks are an extension there, and roots do not say that they change. */
function clientCapabilities({ tasks: _, roots, ...others }: Values): Values {
  return { ...others, ...(isObject(roots) && { roots: {} }) };
}
