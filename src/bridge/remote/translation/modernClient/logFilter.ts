import type { Message } from '../../../../mcp/message.ts';
import type { HeldCall } from './heldCall.ts';
import { json, objectIn } from '../messageParts.ts';
import { logLevels } from '../../../../mcp/names.ts';
import type { Peer } from '../peer.ts';

/** The server that logs, and its calls. */
export interface LogFilterOptions {
  /** Requests of ours to the server. */
  readonly server: Peer;
  /** The calls that the server has. */
  underWay(): Iterable<HeldCall>;
}

/**
 * What is logged, for a client that says with each request what it wants to hear (MCP specification 2026-07-28,
 * "Requesting Log Messages"), of a server that is told so once for all.
 */
export function createLogFilter({ server, underWay }: LogFilterOptions) {
  /** What the server was told last, and when it has taken that. */
  let told: { readonly rank: number; readonly taken: Promise<unknown> } | undefined;

  return {
    /** Waits until the server logs as much as that call wants, and all that are under way. */
    async before(level: unknown): Promise<void> {
      if (!isLevel(level)) return;
      const ranks = [...underWay()]
        .map(({ logLevel }) => logLevel)
        .filter(isLevel)
        .map(rankOf);
      const rank = Math.min(rankOf(level), ...ranks);
      if (told?.rank !== rank) {
        const { promise: taken, resolve } = Promise.withResolvers<undefined>();
        told = { rank, taken };
        server.ask('logging/setLevel', json({ level: logLevels[rank] }), () => {
          resolve(undefined);
        });
      }
      await told.taken;
    },
    /** Whether the client wants to hear that. @param call what it came with, where that is known */
    passes({ content }: Message, call: HeldCall | undefined): boolean {
      const { level } = objectIn(content, 'params');
      if (!isLevel(level)) return false;
      return [...(call ? [call] : underWay())].some(
        ({ leg, logLevel }) => leg && isLevel(logLevel) && rankOf(level) >= rankOf(logLevel),
      );
    },
  };
}

/** Whether that is a level at all. */
export function isLevel(level: unknown): level is string {
  return typeof level === 'string' && logLevels.includes(level);
}

function rankOf(level: string): number {
  return logLevels.indexOf(level);
}
