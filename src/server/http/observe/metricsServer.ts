import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as l10n from '@vscode/l10n';
import { isLoopbackHost } from '../../../auth/tenant.ts';
import { codeOf, OmnispindleError } from '../../../common/errors.ts';
import type { Metrics } from './metrics.ts';

/** Where metrics are served. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Time (ms) that somebody who asks for metrics has to say so. */
const timeLimit = 5_000;

/**
 * Serves metrics for Prometheus at `/metrics`, on a port of their own: they are for whoever runs the server.
 * @param port 0 takes any free one
 * @param host loopback where absent
 * @throws OmnispindleError `invalid_settings` where it cannot listen there
 */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
  host = '127.0.0.1',
): Promise<MetricsServer> {
  const server = createServer(
    { headersTimeout: timeLimit, requestTimeout: timeLimit, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      // A page whose name leads to this machine meanwhile must not read them (DNS rebinding).
      if (isLoopbackHost(host) && !isLoopbackHost(hostIn(request.headers.host))) {
        response.writeHead(403, { connection: 'close' }).end();
        return;
      }
      const isMetrics = request.url?.split('?', 1)[0] === '/metrics';
      if (!isMetrics || (request.method !== 'GET' && request.method !== 'HEAD')) {
        response.writeHead(isMetrics ? 405 : 404, { connection: 'close' }).end();
        return;
      }
      metrics.text().then(
        text => {
          const headers = {
            'content-type': metrics.contentType,
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
          };
          response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : text);
        },
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = 20;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'Metrics cannot be served at port {0} ({1}). Give another one as --metrics-port, or OMNISPINDLE_METRICS_PORT.',
        String(port),
        codeOf(error),
      ),
    );
  }
  const { port: actual } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${String(actual)}/metrics`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function hostIn(header: string | undefined): string {
  return URL.parse(`http://${header ?? ''}`)?.hostname ?? '';
}
