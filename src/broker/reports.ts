import type { IncomingMessage, ServerResponse } from 'node:http';
import { plainLine } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { answerQuestion, type Question } from './answerQuestion.ts';
import { reportSchema } from './protocol.ts';
import type { OnReport, Terms } from './terms.ts';

/** Longest problem (UTF-16 units) that is passed on. */
const longest = 2_000;

/** Takes reports of servers whose name is known; `terms` are those of the key. */
export function createReports(onReport: OnReport, log: Question<unknown>['log']) {
  return (
    { terms, waiting }: { readonly terms?: Terms; readonly waiting: Set<ServerResponse> },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> =>
    answerQuestion(request, response, {
      schema: reportSchema,
      underWay: waiting,
      log,
      answer({ problem }) {
        onReport(terms?.server, problem === undefined ? undefined : redact(plainLine(problem, longest)));
        return Promise.resolve({ type: 'noted' });
      },
    });
}
