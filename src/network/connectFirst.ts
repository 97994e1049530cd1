import dns, { type LookupAddress } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';

/** How long (ms) an attempt has before the next address is tried as well (RFC 8305 section 8). */
const headStart = 250;
/** How long (ms) all of them together have. A lost first packet alone costs 1 s, and each further one twice as much. */
export const connectLimit = 20_000;
/** How many addresses of a name are tried. */
const mostAddresses = 16;

/** Where to connect to. */
export interface Place {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The address that is tried before the others: the one that answered last time. */
  readonly preferred?: string | undefined;
}

/**
 * Connects to whichever address of a name answers first (RFC 8305 section 5). Unlike Node.js, which gives an attempt up
 * when the next one begins, it leaves each of them its time: a slow network must not be taken for a dead one.
 * @throws Error what the one attempt met, or AggregateError with what each of them met; its `code` is the system's
 */
export async function connectFirst(place: Place): Promise<Socket> {
  const addresses = inTurns(await addressesOf(place.host), place.preferred);
  return race(addresses, place.port);
}

function race(addresses: readonly string[], port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const left = [...addresses];
  const open = new Map<Socket, string>();
  const errors: Error[] = [];
  let next: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    for (const address of open.values()) errors.push(timedOut(address, port));
    left.length = 0;
    settle();
    reject(allOf(errors));
  }, connectLimit);

  function settle(winner?: Socket): void {
    clearTimeout(next);
    clearTimeout(limit);
    for (const socket of open.keys()) if (socket !== winner) socket.destroy();
    open.clear();
  }

  function tryNext(): void {
    clearTimeout(next);
    const address = left.shift();
    if (address === undefined) return;
    // What Node.js's own agents ask of a socket.
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 };
    const socket = connect({ host: address, port, ...options });
    open.set(socket, address);
    const fail = (error: Error) => {
      if (!open.delete(socket)) return;
      errors.push(error);
      if (left.length > 0) {
        tryNext();
      } else if (open.size === 0) {
        settle();
        reject(allOf(errors));
      }
    };
    // It stays after the race: a late error of one that has lost would otherwise end the process.
    socket.on('error', fail).once('connect', () => {
      if (!open.has(socket)) return;
      socket.off('error', fail);
      settle(socket);
      resolve(socket);
    });
    if (left.length > 0) next = setTimeout(tryNext, headStart);
  }

  tryNext();
  return promise;
}

async function addressesOf(host: string): Promise<LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // As Node.js does it: no addresses of a family that this machine has none of.
  const hints = process.platform === 'win32' ? 0 : dns.ADDRCONFIG;
  return dns.promises.lookup(host, { all: true, hints });
}

/** One family after the other, so that a family that leads nowhere costs one head start (RFC 8305 section 4). */
function inTurns(found: readonly LookupAddress[], preferred?: string): string[] {
  const first = found.filter(({ family }) => family === found[0]?.family);
  const others = found.filter(({ family }) => family !== found[0]?.family);
  const mixed = Array.from({ length: Math.max(first.length, others.length) }, (_, index) => [
    first[index],
    others[index],
  ]).flat();
  const addresses = mixed.flatMap(each => (each ? [each.address] : []));
  const known = addresses.filter(address => address === preferred);
  return [...new Set([...known, ...addresses])].slice(0, mostAddresses);
}

function allOf(errors: readonly Error[]): Error {
  const [first] = errors;
  if (first && errors.length === 1) return first;
  const code = first && 'code' in first ? { code: first.code } : {};
  return Object.assign(new AggregateError(errors, errors.map(({ message }) => message).join('; ')), code);
}

function timedOut(address: string, port: number): Error {
  const where = `${isIP(address) === 6 ? `[${address}]` : address}:${String(port)}`;
  return Object.assign(new Error(`connect ETIMEDOUT ${where}`), { code: 'ETIMEDOUT', syscall: 'connect' });
}
