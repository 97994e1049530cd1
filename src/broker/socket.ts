import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { faultOf } from '../platform/ownership.ts';
import { keepsWhatIsMade, lookAtSocket } from './socketOwner.ts';

/** Where a broker is asked: a socket in a directory only the user can enter, a named pipe on Windows. */
export interface BrokerSocket {
  readonly address: string;
  /**
   * Whether servers still find it. What tidies temporary directories may have taken it from a window that is
   * open for weeks, and somebody else may have put theirs in its place.
   */
  isReachable(): boolean;
  /** Ends every connection, and takes no new one. */
  close(): void;
  /** Removes what is on disk; synchronously, because a process that ends does not wait for more. */
  remove(): void;
}

const socketName = 'broker.sock';
/** How long (ms) headers, and then the whole request, may take to arrive, and how often that is looked at. */
export interface ArrivalLimits {
  readonly headers: number;
  readonly request: number;
  readonly checkEvery: number;
}

const usualLimits: ArrivalLimits = { headers: 5_000, request: 10_000, checkEvery: 2_000 };
/** Longest path of a socket, in bytes: macOS allows the least. */
const maximumAddress = 103;
const maximumConnections = 512;

/**
 * Listens at a new address that nobody can guess.
 * @throws OmnispindleError `storage_failed` where no directory is safe for it; Error where the socket cannot be made
 */
export async function createBrokerSocket(
  onRequest: RequestListener,
  limits = usualLimits,
): Promise<BrokerSocket> {
  const server = createServer({
    requestTimeout: limits.request,
    headersTimeout: limits.headers,
    connectionsCheckingInterval: limits.checkEvery,
    requireHostHeader: false,
  });
  // Besides requests also what Node would answer by itself, before anybody looked at the key.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, onRequest);
  server.maxConnections = maximumConnections;
  // What comes behind another request does not hear of its connection's end (Node 22) and would keep its place.
  server.maxRequestsPerSocket = 1;
  server.on('clientError', (_error, socket) => socket.destroy());
  const close = () => {
    server.closeAllConnections();
    server.close();
  };

  if (process.platform === 'win32') {
    const address = `\\\\.\\pipe\\omnispindle-${randomBytes(16).toString('hex')}`;
    await listen(server, address);
    return { address, isReachable: () => true, close, remove: () => undefined };
  }
  const directory = await mkdtemp(join(baseDirectory(), 'omnispindle-'));
  await chmod(directory, 0o700);
  const address = join(directory, socketName);
  await listen(server, address);
  return {
    address,
    isReachable: () => lookAtSocket(address) === 'user',
    close,
    remove() {
      const found = lstatSync(directory, { throwIfNoEntry: false });
      if (found && faultOf(found, 'directory') === undefined) {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

/**
 * The temporary directory; another one where its name leaves no room for that of a socket in it, or where other
 * users could put theirs in the socket's place.
 * @throws OmnispindleError `storage_failed` where there is none
 */
function baseDirectory(): string {
  for (const base of [tmpdir(), '/tmp', process.env['XDG_RUNTIME_DIR']]) {
    const longest =
      base && isAbsolute(base) ? Buffer.byteLength(join(base, 'omnispindle-XXXXXX', socketName)) : Infinity;
    if (base && longest <= maximumAddress && keepsWhatIsMade(base)) return base;
  }
  throw new OmnispindleError(
    'storage_failed',
    l10n.t(
      'In {0} other users of this machine could take the place of the socket by which servers get their tokens. Set TMPDIR to a directory of your own with a short name, then start the editor again.',
      tmpdir(),
    ),
  );
}

async function listen(server: Server, address: string): Promise<void> {
  server.listen(address);
  await once(server, 'listening');
}
