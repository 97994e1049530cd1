import { Worker } from 'node:worker_threads';

/** Whether a regular expression matches texts, each time asked in a thread of its own, within a time. */
interface PatternMatcher {
  /**
   * Which of these have a text that matches; undefined where the time is over before that is known.
   * @throws Error where the expression cannot be used
   */
  test(texts: readonly (readonly string[])[]): Promise<readonly boolean[] | undefined>;
  /** Lets another one use the thread. */
  close(): void;
}

/** What the thread is told to look for. */
interface Question {
  readonly source: string;
  readonly flags: string;
  readonly texts: readonly (readonly string[])[];
}
type Answer = { readonly matching: readonly boolean[] } | { readonly error: string };

// JavaScript, so that it is the same bundled and not. It says first that it is there: to start takes longer than to match.
const program = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ source, flags, texts }) => {
    try {
      const expression = new RegExp(source, flags);
      parentPort.postMessage({ matching: texts.map(each => each.some(text => expression.test(text))) });
    } catch (error) {
      parentPort.postMessage({ error: String(error.message) });
    }
  });
  parentPort.postMessage('ready');
`;
/** Memory (MB) that a thread may take. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** How long (ms) a thread that nobody uses is kept. */
const keptFor = 30_000;

/** A thread that nobody uses now; more are not kept. */
let idle: Worker | undefined;

/**
 * Takes a thread for matching: some patterns would take for ever, and nothing else can stop a match or lets others be
 * answered meanwhile.
 * @param limit how long (ms) all matching may take, from now on
 */
export async function openMatcher({ source, flags }: RegExp, limit: number): Promise<PatternMatcher> {
  const worker = idle ?? (await start());
  if (worker === idle) idle = undefined;
  worker.ref();
  const end = performance.now() + limit;
  let isFit = true;

  return {
    async test(texts) {
      const left = end - performance.now();
      if (!isFit || left <= 0) return undefined;
      // Whoever is over its time has a thread that still matches, and is no good to anybody else.
      isFit = false;
      const question: Question = { source, flags, texts };
      const answer = await ask(worker, question, left);
      if (!answer) return undefined;
      isFit = true;
      if ('error' in answer) throw new Error(answer.error);
      return answer.matching;
    },
    close() {
      worker.unref();
      if (isFit && !idle) keep(worker);
      else void worker.terminate();
    },
  };
}

/** Keeps a thread for whoever comes next, but not for ever: it takes some megabytes. */
function keep(worker: Worker): void {
  idle = worker;
  setTimeout(() => {
    if (idle !== worker) return;
    idle = undefined;
    void worker.terminate();
  }, keptFor).unref();
}

function start(): Promise<Worker> {
  const worker = new Worker(program, { eval: true, resourceLimits, env: {}, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.off('error', reject);
      // One that ends by itself is not used again.
      worker.on('error', () => {
        if (idle === worker) idle = undefined;
      });
      resolve(worker);
    });
  });
}

function ask(worker: Worker, question: Question, limit: number): Promise<Answer | undefined> {
  return new Promise(resolve => {
    const settle = (answer?: Answer) => {
      clearTimeout(timer);
      worker.off('message', settle);
      worker.off('exit', leave);
      resolve(answer);
    };
    const leave = () => {
      settle();
    };
    const timer = setTimeout(leave, limit);
    worker.once('message', settle);
    worker.once('exit', leave);
    worker.postMessage(question);
  });
}
