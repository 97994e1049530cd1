/** Ours, and what makes Electron be a Node.js: the server may well be an Electron that is to be one. */
const ours = /^(?:OMNISPINDLE_.*|ELECTRON_RUN_AS_NODE)$/i;

/**
 * What a local server inherits of our environment: nothing that is there for us. Our right to ask an editor's broker is
 * ours alone, and settings of ours mean something else, or nothing, to it.
 */
export function inheritedEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || ours.test(name) ? [] : [[name, value]],
    ),
  );
}
