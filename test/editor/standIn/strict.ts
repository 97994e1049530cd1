/** Which members of the API a test takes away, by their paths: `lm`, `lm.registerMcpServerDefinitionProvider`. */
export type Without = ReadonlySet<string>;

/** What the language itself asks every object for. */
const asked: ReadonlySet<PropertyKey> = new Set(['then', 'toJSON', 'constructor', 'valueOf', 'toString']);

/**
 * The members and no others: to ask for another one throws, so that no test passes by what the stand-in lacks. What
 * was taken away is `undefined`, as in an editor that does not have it.
 */
export function strict<T extends object>(name: string, members: T, without: Without = new Set()): T {
  const isGone = (key: PropertyKey) => without.has(`${name}.${String(key)}`);
  return new Proxy(members, {
    has: (target, key) => !isGone(key) && Reflect.has(target, key),
    get(target, key) {
      if (isGone(key)) return undefined;
      if (Reflect.has(target, key)) return Reflect.get(target, key) as unknown;
      if (typeof key === 'symbol' || asked.has(key)) return undefined;
      throw missing(`${name}.${key}`);
    },
  });
}

/** What throws however it is used: a class, a function or a namespace that the stand-in has not. */
export function notThere(name: string): unknown {
  // Only such a function can stand for a class.
  function fail(): never {
    throw missing(name);
  }
  return new Proxy(fail, { get: fail, apply: fail, construct: fail });
}

function missing(path: string): Error {
  return new Error(
    `The stand-in of vscode has no ${path}. Write it in test/editor/standIn, or name it in "without" where the test wants an editor that lacks it.`,
  );
}
