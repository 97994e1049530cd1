import * as l10n from '@vscode/l10n';
import { detachable, type Detachable } from '../../../sessions/detachable.ts';
import type { ClientCall } from '../clientCall.ts';
import type { Message } from '../../../mcp/message.ts';
import type { ExchangeOptions } from '../stateless/exchange.ts';
import type { TransportStrategy } from '../transportStrategy.ts';
import type { Era } from './era.ts';
import type { EraMemory } from './memory.ts';
import type { Finding } from './probe.ts';

/** What was found out about a server. */
interface Found extends Finding {
  /** The client's message that was sent to find out, where one was. */
  readonly question?: Message;
}

/** Finds out which era to speak with the server, for clients of either. */
export interface Finder {
  /**
   * What to begin with: what is remembered, else what the server says.
   * @param first the message that the client begins with
   * @throws RemoteError, or Error for `explain`, where the server does not say
   */
  find(client: Era, call: ClientCall, first: Message): Promise<Found>;
  /**
   * Asks the server, which seems to be of another era than it was. Never rejects.
   * @returns what it is; undefined where it is what it was, or has said so a moment ago
   */
  verify(client: Era, was: Era): Promise<Finding | undefined>;
}

/** The server whose era is looked for. */
export interface FinderOptions extends ExchangeOptions {
  readonly memory: EraMemory;
  readonly transport: TransportStrategy;
}

/** How long (ms) it counts that the server is what it was, whatever it refuses until then. */
const trustedFor = 30_000;
const legacy: Finding = { era: 'legacy' };

/** Finds out by a question of its own only where the client's first message cannot tell. */
export function createFinder(options: FinderOptions): Finder {
  const { memory, transport } = options;
  const asking = new Map<string, Detachable<Found>>();
  /** When (ms since 1970) the server last said that it is what it was. */
  let confirmed = 0;

  async function ask(call: Pick<ClientCall, 'waiting' | 'unattended'>, question?: Message): Promise<Found> {
    const { probe } = await import('./probe.ts');
    const finding = await probe(options, call, question);
    return question ? { ...finding, question } : finding;
  }

  /**
   * What a client of that era begins with; a legacy one cannot do without the answer of a modern server.
   * @throws what that server refused with
   */
  function usable(client: Era, finding: Found): Found {
    if (client === 'modern' || finding.era === 'legacy' || finding.discovered) return finding;
    throw (
      finding.refused ??
      new Error(
        l10n.t(
          '{0} speaks only revisions of MCP that are not known here. Update Omnispindle.',
          options.url.origin,
        ),
      )
    );
  }

  /** A legacy client begins as it would anyway, unless something else is known. */
  function note(client: Era, { era }: Finding): Promise<void> {
    return memory.set(client, client === 'legacy' && era === 'legacy' ? undefined : era);
  }

  return {
    async find(client, { method, waiting }, first) {
      // By the transport that came before there is the older era only.
      if (transport.startsWith('sse')) return legacy;
      const remembered = await memory.get(client);
      if (client === 'legacy' && remembered !== 'modern') return legacy;
      if (client === 'modern' && remembered) return { era: remembered };
      const question = client === 'modern' && method === 'server/discover' ? first : undefined;
      const notices = waiting?.onNotice && { onNotice: waiting.onNotice };
      const finding = await detachable(asking, client, waiting ?? {}, onProgress =>
        ask({ waiting: { ...notices, onProgress, stop: () => undefined } }, question),
      );
      await note(client, finding);
      return usable(client, finding);
    },
    async verify(client, was) {
      if (transport === 'sse-only' || Date.now() - confirmed < trustedFor) return undefined;
      try {
        const finding = await ask({ unattended: true });
        await note(client, finding);
        if (finding.era !== was) return usable(client, finding);
        confirmed = Date.now();
      } catch {
        // What the client's request was refused with says more.
      }
      return undefined;
    },
  };
}
