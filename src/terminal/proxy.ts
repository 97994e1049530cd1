import * as http from 'node:http';

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];

/**
 * Honours the proxy variables of the environment (Node.js API, `http.setGlobalProxyFromEnv`, from 24.14 on;
 * an older runtime has the variable `NODE_USE_ENV_PROXY`).
 */
export function useProxyOfEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  const { setGlobalProxyFromEnv } = http as Partial<typeof http>;
  if (variables.some(name => env[name])) setGlobalProxyFromEnv?.(env);
}
