import {
  WebStandardStreamableHTTPServerTransport,
  type HandleRequestOptions,
  type McpServer,
} from '@modelcontextprotocol/server';
import { redact } from '../../common/redact.ts';
import type { Log } from '../../common/log.ts';
import { refuse, rpcCodes } from './answers.ts';

/** Status of an answer that nobody waits for any more, as proxies log it. */
const clientGone = 499;

/** Answers a request of a client of the eras before 2026-07-28. */
export type AnswerLegacyCall = (request: Request, options: HandleRequestOptions) => Promise<Response>;

/**
 * Answers each request of the eras before 2026-07-28 by a server of its own, in JSON instead of by a stream of events
 * (MCP specification 2025-11-25, "Sending Messages to the Server"): the stream, and who watches for its end, take a good
 * part of a call. It is for servers that send nothing but answers; what else they sent would be lost.
 */
export function answerLegacyCalls(createServer: () => McpServer, log: Log): AnswerLegacyCall {
  return async function answer(request, options) {
    const { signal } = request;
    const server = createServer();
    const gone = Promise.withResolvers<Response>();
    const leave = () => {
      gone.resolve(new Response(null, { status: clientGone }));
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      transport.onerror = error => {
        log.debug(`http: ${redact(error.message)}`);
      };
      await server.connect(transport);
      // What has been cancelled is never answered: only the client's leaving ends it then.
      return await Promise.race([transport.handleRequest(accepting(request), options), gone.promise]);
    } catch (error) {
      log.error(`http: ${redact(String(error))}`);
      return refuse(500, 'Something went wrong in this server. Try again.', { code: rpcCodes.internalError });
    } finally {
      signal.removeEventListener('abort', leave);
      await server.close();
    }
  };
}

/** What a client must take (MCP 2025-11-25, "Sending Messages to the Server"). */
const answerTypes = ['application/json', 'text/event-stream'];

/** The request as the SDK reads it, which looks for both types by letter, where it takes them by a range or in capitals. */
function accepting(request: Request): Request {
  const given = request.headers.get('accept');
  if (given === null || answerTypes.every(type => given.includes(type))) return request;
  const ranges = given
    .toLowerCase()
    .split(',')
    .map(range => range.split(';').map(part => part.trim()))
    .filter(([, ...parameters]) => !parameters.some(parameter => /^q=0(?:\.0*)?$/.test(parameter)))
    .map(([range]) => range);
  const takes = (type: string) =>
    ranges.some(range => range === type || range === '*/*' || range === type.replace(/\/.*/, '/*'));
  if (!answerTypes.every(takes)) return request;
  const headers = new Headers(request.headers);
  headers.set('accept', answerTypes.join(', '));
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}
