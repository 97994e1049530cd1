import * as l10n from '@vscode/l10n';
import { detachable, type Detachable } from '../../../auth/detachable.ts';
import type { ClientCall } from '../clientCall.ts';
import type { Message } from '../message.ts';
import type { ExchangeOptions } from '../stateless/exchange.ts';
import type { TransportStrategy } from '../transports.ts';
import type { Era } from './era.ts';
import type { EraMemory } from './memory.ts';
import type { Finding } from './probe.ts';

export interface Found extends Finding {
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
  /** Asks the server, which seems to be of another era than it was. Never rejects; at most once in a while. */
  verify(client: Era): Promise<Finding | undefined>;
}

export interface FinderOptions extends ExchangeOptions {
  readonly memory: EraMemory;
  readonly transport: TransportStrategy;
}

/** How long (ms) what the server said of its era counts, whatever it refuses meanwhile. */
const trustedFor = 30_000;
const legacy: Finding = { era: 'legacy' };

/** Finds out by a question of its own only where the client's first message cannot tell. */
export function createFinder(options: FinderOptions): Finder {
  const { memory, transport } = options;
  const asking = new Map<string, Detachable<Found>>();
  let last: { readonly finding: Finding; readonly at: number } | undefined;

  async function ask(call: Pick<ClientCall, 'waiting' | 'unattended'>, question?: Message): Promise<Found> {
    const { probe } = await import('./probe.ts');
    const finding = await probe(options, call, question);
    last = { finding, at: Date.now() };
    return question ? { ...finding, question } : finding;
  }

  /** What a client of that era begins with; a legacy one cannot do without the answer of a modern server. */
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
      await memory.set(client, client === finding.era && client === 'legacy' ? undefined : finding.era);
      return usable(client, finding);
    },
    async verify(client) {
      if (transport === 'sse-only') return undefined;
      try {
        const { finding } =
          last && Date.now() - last.at < trustedFor ? last : { finding: await ask({ unattended: true }) };
        await memory.set(client, client === 'legacy' && finding.era === 'legacy' ? undefined : finding.era);
        return usable(client, finding);
      } catch {
        return undefined;
      }
    },
  };
}
