import assert from 'node:assert/strict';
import { checkResourceAllowed } from '@modelcontextprotocol/sdk/shared/auth-utils.js';
import { covers } from '../../../src/bridge/remote/resource/metadata.ts';
import { resourceFor } from '../../../src/server/http/resource.ts';

const mcpUrl = new URL('https://todos.example.com/mcp');

describe('the API of a server over HTTP', () => {
  it('is its own address where none is configured', () => {
    assert.deepEqual(resourceFor(mcpUrl, undefined), { audience: mcpUrl.href, resource: mcpUrl.href });
  });

  it('is the configured one, and declared as it is written, where that covers the address', () => {
    for (const identifier of ['https://todos.example.com', 'https://todos.example.com/', mcpUrl.href]) {
      assert.deepEqual(resourceFor(mcpUrl, identifier), { audience: identifier, resource: identifier });
    }
  });

  it('is the configured one, and not declared, where clients would refuse it', () => {
    for (const identifier of [
      'https://madnessinteractive.cc/api',
      'http://todos.example.com/mcp',
      'https://todos.example.com/mcp/more',
      'https://todos.example.com/other',
      'https://todos.example.com:8443/mcp',
      'https://ada:secret@todos.example.com/mcp',
      'https://todos.example.com/mcp#part',
      'urn:todos',
      'todos',
    ]) {
      assert.deepEqual(resourceFor(mcpUrl, identifier), { audience: identifier, resource: mcpUrl.href });
    }
  });

  it('is declared so that connect and the SDK’s clients ask for it', () => {
    for (const configured of [undefined, 'https://todos.example.com', 'https://elsewhere.example/api']) {
      const { resource } = resourceFor(mcpUrl, configured);
      assert.ok(covers(resource, mcpUrl), resource);
      assert.ok(checkResourceAllowed({ requestedResource: mcpUrl, configuredResource: resource }), resource);
    }
  });
});
