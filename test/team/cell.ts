/** Thrown where an answer cannot be. */
export class ImpossibleAnswer extends Error {}

/** What is known of one value that is kept elsewhere, written by one writer, who may not hear of every write. */
export interface Cell<T> {
  /** The value that a read must give, if no write without an answer has been carried out meanwhile. */
  readonly expected: T;
  /** A write that was acknowledged. */
  wrote(value: T): void;
  /** A write without an answer: it may have been carried out, or will be, or never. Each must have a value of its own. */
  mayHaveWritten(value: T): void;
  /** Whether a read may give it. */
  allows(value: T): boolean;
  /** What a read gave. @throws ImpossibleAnswer */
  saw(value: T): void;
}

export function createCell<T>(first: T): Cell<T> {
  let expected = first;
  const late = new Set<T>();
  return {
    get expected() {
      return expected;
    },
    wrote(value) {
      expected = value;
    },
    mayHaveWritten(value) {
      late.add(value);
    },
    allows: value => value === expected || late.has(value),
    saw(value) {
      if (value === expected) return;
      if (!late.delete(value)) {
        throw new ImpossibleAnswer(`read ${JSON.stringify(value)}, expected ${JSON.stringify(expected)}`);
      }
      expected = value;
    },
  };
}
