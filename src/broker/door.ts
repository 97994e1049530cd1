import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../common/log.ts';
import type { Waiting } from './allowed.ts';
import { answerQuestion, isPost } from './answerQuestion.ts';
import type { JoinRequest } from './joinRequest.ts';
import { joinRequestSchema } from './protocol.ts';
import { keyVariable } from './variables.ts';
import type { AnswerNetwork } from './windowNetwork.ts';

/** What a server of this user's that was started by nobody here needs to ask for a key. */
export interface BrokerDoor {
  readonly address: string;
  /** Opens the door; whoever can read it is this user. */
  readonly secret: string;
}

/**
 * Gives a key to a server that was started by nobody here, by what it says of itself.
 * @throws OmnispindleError why it gets none
 */
export type Join = (
  asked: JoinRequest,
  waiting: Waiting,
) => Promise<{
  /** As the environment of a server has it. */
  readonly env: Readonly<Record<string, string>>;
}>;

/** Builds what answers at the door of a broker: who asks there for a key, or for what needs none. */
export function createDoor(join: Join, answerNetwork: AnswerNetwork | undefined, log: Log) {
  const underWay = new Set<ServerResponse>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (isPost(request, '/network') && answerNetwork) {
      await answerNetwork(request, response, underWay);
    } else if (isPost(request, '/join')) {
      await answerQuestion(request, response, {
        schema: joinRequestSchema,
        underWay,
        log,
        async answer(asked, waiting) {
          const { [keyVariable]: key } = (await join(asked, waiting)).env;
          return key === undefined ? undefined : { type: 'key', key };
        },
      });
    } else {
      response.writeHead(404).end();
    }
  };
}
