import { serverOfOthers } from '../../../src/auth/refusalWords.ts';
import { createVerifier } from '../../../src/auth/verify.ts';
import { createHttpApp, type HttpAppOptions, type HttpServerApp } from '../../../src/server/http/app.ts';
import { lateStore, type LateStore } from '../../../src/store/lateStore.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import type { Owner } from '../../../src/store/store.ts';
import { memoryLog, temporaryDirectory } from '../../auth/fixtures.ts';
import type { DemoTenant } from '../../tenant/tenant.ts';
import { useTenant, type TenantFixture } from '../../tenant/useTenant.ts';
import { envelope, revision } from '../eras.ts';
import { appOptions } from './appOptions.ts';

export const publicUrl = new URL('https://todos.example.com');
export const audience = 'https://todos.example.com/mcp';
const bothScopes = 'omnispindle:read omnispindle:write';

/** A message of JSON-RPC, and how its request is to differ from a right one. */
export interface Sent {
  readonly token?: string | undefined;
  readonly era?: '2025' | '2026';
  readonly headers?: Record<string, string>;
}

/** A request as an MCP client of that era sends it. */
export function mcpRequest(
  method: string,
  params: Record<string, unknown>,
  { token, era = '2026', headers }: Sent = {},
): Request {
  const isModern = era === '2026';
  return new Request(audience, {
    method: 'POST',
    headers: {
      host: 'todos.example.com',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': isModern ? revision : '2025-11-25',
      ...(isModern && {
        'mcp-method': method,
        ...(typeof params['name'] === 'string' && { 'mcp-name': params['name'] }),
      }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { ...params, ...(isModern && { _meta: envelope() }) },
    }),
  });
}

/** A call of a tool. */
export function callOf(name: string, input: Record<string, unknown>, sent?: Sent): Request {
  return mcpRequest('tools/call', { name, arguments: input }, sent);
}

/** What a tool's call was answered, in either era. */
export async function resultOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  const data = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
  return (JSON.parse(data) as { result: Record<string, unknown> }).result;
}

export interface HttpFixture extends TenantFixture {
  readonly app: HttpServerApp;
  readonly log: ReturnType<typeof memoryLog>;
  readonly store: LateStore<Owner>;
  /** The app's options, for one that differs. */
  readonly options: HttpAppOptions;
  /** A token for this server. */
  sign(claims?: Parameters<DemoTenant['sign']>[0], header?: Record<string, unknown>): Promise<string>;
}

/** Registers mocha hooks that give each test of the suite an app, and the suite a tenant and a store. */
export function useHttpApp(different: Partial<HttpAppOptions> = {}): HttpFixture {
  const given = useTenant();
  const directory = temporaryDirectory();
  const store = lateStore<Owner>(() => openSqliteStore(directory.path));
  let log: ReturnType<typeof memoryLog>;
  let options: HttpAppOptions;
  let app: HttpServerApp;
  beforeEach(() => {
    log = memoryLog();
    options = {
      verify: createVerifier({ ...given.tenant, audience }, { seeksAtOnce: true, words: serverOfOthers }),
      issuer: given.tenant.issuer,
      resource: audience,
      publicUrl,
      ...appOptions,
      store: store.of,
      log,
      ...different,
    };
    app = createHttpApp(options);
  });
  afterEach(() => app.close());
  after(async () => {
    await store.close();
    directory.remove();
  });
  return {
    get tenant() {
      return given.tenant;
    },
    get app() {
      return app;
    },
    get log() {
      return log;
    },
    get options() {
      return options;
    },
    store,
    sign: (claims = {}, header) => given.tenant.sign({ aud: audience, scope: bothScopes, ...claims }, header),
  };
}
