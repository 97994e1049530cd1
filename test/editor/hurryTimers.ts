/**
 * Registers mocha hooks under which timers of that length are short, so that a test need not wait for them.
 * @param length (ms) exactly these
 * @param instead how long (ms) they take
 */
export function hurryTimers(length: number, instead: number): void {
  const { setTimeout: real } = globalThis;
  const hurried = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    real(run, ms === length ? instead : ms, ...args);
  beforeEach(() => {
    globalThis.setTimeout = Object.assign(hurried, real);
  });
  afterEach(() => {
    globalThis.setTimeout = real;
  });
}
