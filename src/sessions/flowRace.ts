import { isOmnispindleError, type ErrorCode } from '../common/errors.ts';

/** What the person answered in one flow counts for all of them. */
const answers: ReadonlySet<ErrorCode> = new Set(['access_denied', 'account_mismatch']);

/** Flows of one sign-in that go on beside each other. */
export interface FlowRace<T> {
  /** What the first that succeeds gives; else why the last one failed, or what the person answered. */
  readonly result: Promise<T>;
  /**
   * Lets one more take part.
   * @param givenUp told why it failed, where others go on
   */
  enter(flow: Promise<T>, givenUp: (error: unknown) => void): void;
}

/** Builds a race that nobody has entered yet. */
export function createFlowRace<T>(): FlowRace<T> {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>();
  let running = 0;

  async function settle(flow: Promise<T>, givenUp: (error: unknown) => void): Promise<void> {
    running++;
    try {
      resolve(await flow);
    } catch (error) {
      running--;
      const isAnswer = isOmnispindleError(error) && answers.has(error.code);
      if (running === 0 || isAnswer) reject(error);
      else givenUp(error);
    }
  }

  return {
    result,
    enter(flow, givenUp) {
      void settle(flow, givenUp);
    },
  };
}
