import type { Agent, AgentOptions, ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import { connectFirst } from './connectFirst.ts';

/** An agent for one origin that connects to whichever of its addresses answers first. */
export async function directAgent({ protocol }: URL, options: AgentOptions): Promise<Agent> {
  const isSecure = protocol === 'https:';
  const { Agent } = isSecure ? await import('node:https') : await import('node:http');
  const agent = new Agent(options);
  const secured = agent.createConnection.bind(agent);
  let preferred: string | undefined;

  async function connected(asked: ClientRequestArgs): Promise<Socket> {
    const place = { host: asked.host ?? 'localhost', port: Number(asked.port), preferred };
    const socket = await connectFirst(place);
    preferred = socket.remoteAddress;
    return socket;
  }

  agent.createConnection = (asked, callback) => {
    connected(asked).then(
      socket => {
        const asSocket = isSecure ? secured(Object.assign({}, asked, { socket })) : socket;
        if (asSocket) callback?.(null, asSocket);
      },
      (error: unknown) => {
        // With an error there is no socket, which its type does not know.
        (callback as ((error: unknown) => void) | undefined)?.(error);
      },
    );
    return undefined;
  };
  return agent;
}
