import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** Longest time (ms) that a connection is kept unused. Common servers close one after 5 s. */
export const longestIdle = 4_000;
/** How long (ms) an unused connection is trusted whose server does not say how long it keeps it; some do so for 2 s. */
const trustedUnsaid = 1_000;
/** How much sooner (ms) than the server says an unused connection is given up. */
const margin = 1_000;
/** From which time (ms) on a look is worth it whether the server has closed an unused connection. */
const worthALook = 50;

/** The connections that an agent keeps for the next request. */
export interface IdleSockets {
  /** Notes how long the server keeps the connection of an answer (RFC 9112 appendix C.2.2). */
  note(response: IncomingMessage): void;
  /** Closes those that the next request should not be sent on. @param repeatable whether it may be sent again */
  prepare(repeatable: boolean): Promise<void>;
  /** One of them was found closed: all there are go, and from now on none is used for what may not be sent again. */
  distrust(): void;
}

/** Looks after the connections that an agent keeps. */
export function createIdleSockets(agent: Agent): IdleSockets {
  /** Since when (ms since the epoch) a connection is unused: a clock that goes on while the machine sleeps. */
  const since = new WeakMap<Socket, number>();
  const kept = new WeakMap<Socket, number>();
  let isTrusted = true;

  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (stream: Socket) => {
    since.set(stream, Date.now());
    return keep(stream);
  };

  function idleFor(socket: Socket): number {
    const idle = Date.now() - (since.get(socket) ?? 0);
    // The clock was set back: nobody knows.
    return idle < 0 ? Number.POSITIVE_INFINITY : idle;
  }

  function limitOf(socket: Socket, repeatable: boolean): number {
    if (!repeatable && !isTrusted) return 0;
    const said = kept.get(socket);
    if (said !== undefined) return Math.min(longestIdle, said - margin);
    return repeatable ? longestIdle : trustedUnsaid;
  }

  function unused(): Socket[] {
    return Object.values(agent.freeSockets).flatMap(sockets => sockets ?? []);
  }

  function close(socket: Socket): void {
    socket.destroy();
    // Else the agent finds out in a moment, and gives it to a request before.
    socket.emit('agentRemove');
  }

  return {
    note({ headers, socket }) {
      const [, seconds] = /(?:^|[\s,;])timeout=(\d{1,9})/i.exec(String(headers['keep-alive'])) ?? [];
      if (seconds !== undefined) kept.set(socket, Number(seconds) * 1_000);
    },
    async prepare(repeatable) {
      for (const socket of unused()) if (idleFor(socket) >= limitOf(socket, repeatable)) close(socket);
      // That the server has closed one may wait to be read.
      if (unused().some(socket => idleFor(socket) >= worthALook)) await turn();
    },
    distrust() {
      isTrusted = false;
      unused().forEach(close);
    },
  };
}
