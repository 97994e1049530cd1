import type { Log } from '../../../common/log.ts';
import type { Message } from '../../../mcp/message.ts';
import type { Call } from '../call.ts';
import { rawOf, receiveRaw, type ClientTransport, type RemoteTransport } from '../transport.ts';
import { mayBeOtherEra } from './contradiction.ts';
import type { Era } from './era.ts';
import type { Finder } from './finder.ts';
import type { Finding } from './probe.ts';
import { createTranslator } from './translators.ts';

/** How often a server may change its era under one client: behind some addresses there are servers of both. */
const mostPairings = 20;

/** A client of one era and the server as one of another, or of the same. */
export interface Pairing {
  readonly client: Era;
  readonly server: Era;
  /** Passes on what the client says. Resolves when the server has it. */
  pass(message: Message): unknown;
}

/** What tells of a request which era it is for. */
export type Asked = Pick<Call, 'id' | 'method'>;

/** What relays between the two ends, and what the pairings tell of. */
export interface PairingsOptions {
  readonly url: URL;
  readonly log: Log;
  readonly finder: Pick<Finder, 'verify'>;
  /**
   * Relays between a client and the server, both of that era.
   * @param takenOver hears what became of a request; see {@link mayBeOtherEra}
   */
  relay(
    era: Era,
    client: ClientTransport,
    takenOver: (request: Asked, refused: unknown) => Promise<boolean> | undefined,
  ): Promise<RemoteTransport>;
  /** Hears what a pairing says to the client. */
  toClient(pairing: Pairing, message: Message): void;
  /** A request may be one for a server of the other era. @returns whether it was brought there */
  takeOver(pairing: Pairing, request: Asked): Promise<boolean>;
  /** A pairing takes the place of one before, of whose messages it knows nothing. */
  onMoved(next: Pairing): Promise<void>;
}

/** Who relays for clients of which era, and who does when the server turns out to be of another one. */
export function createPairings(options: PairingsOptions) {
  const { url, log, finder } = options;
  const remotes: RemoteTransport[] = [];
  const current = new Map<Era, Pairing>();
  const beginnings = new Map<Era, Promise<Pairing>>();
  const moves = new Map<Era, Promise<Pairing | undefined>>();

  async function pair(era: Era, finding: Finding): Promise<Pairing> {
    const end: ClientTransport = {
      start: () => Promise.resolve(),
      send(content, given) {
        options.toClient(pairing, rawOf(content, given));
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const pairing: Pairing = {
      client: era,
      server: finding.era,
      pass: message => receiveRaw(end, message),
    };
    const inner = era === finding.era ? end : await createTranslator(era, end, { ...finding, url, log });
    remotes.push(
      await options.relay(finding.era, inner, (request, refused) =>
        mayBeOtherEra(finding.era, request, refused) ? options.takeOver(pairing, request) : undefined,
      ),
    );
    current.set(era, pairing);
    return pairing;
  }

  async function moveFrom({ client: era, server }: Pairing): Promise<Pairing | undefined> {
    const finding = remotes.length < mostPairings ? await finder.verify(era, server) : undefined;
    if (!finding) return undefined;
    log.info(`${url.origin} speaks another revision of MCP than before.`);
    const next = await pair(era, finding);
    await options.onMoved(next);
    return next;
  }

  return {
    current: (era: Era): Pairing | undefined => current.get(era),
    /** Begins the pairing of a client of that era, once for all its requests. */
    async begin(era: Era, finding: Finding): Promise<Pairing> {
      const now = current.get(era);
      if (now) return now;
      const pending = beginnings.get(era) ?? pair(era, finding).finally(() => beginnings.delete(era));
      beginnings.set(era, pending);
      return pending;
    },
    /** What takes the place of a pairing where the server is of another era by now; undefined where it is not. */
    async next(pairing: Pairing): Promise<Pairing | undefined> {
      const { client: era } = pairing;
      const now = current.get(era);
      if (now && now !== pairing) return now;
      const move = moves.get(era) ?? moveFrom(pairing).finally(() => moves.delete(era));
      moves.set(era, move);
      return move;
    },
    /** Tells the server that the client is gone. */
    async terminate(): Promise<void> {
      await Promise.all(remotes.map(remote => remote.terminateSession().catch(() => undefined)));
    },
  };
}
