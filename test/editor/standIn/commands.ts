import { Disposable } from './basics.ts';
import type { Without } from './strict.ts';

type Command = (...args: readonly unknown[]) => unknown;

/** Commands of the editor's own that do nothing here; a test sees in `executed` that they were run. */
const editors: readonly string[] = [
  'setContext',
  'workbench.action.chat.open',
  'workbench.action.configureRuntimeArguments',
  'workbench.action.openSettings',
  'workbench.action.openSettingsJson',
  'workbench.mcp.startServer',
];

/**
 * A window's commands.
 * @param given commands of the editor's own, by their ids, in which the test has a part
 */
export function createCommands(given: Readonly<Record<string, Command>>, without: Without) {
  const registered = new Map<string, Command>(Object.entries(given));
  for (const id of editors) {
    if (!registered.has(id) && !without.has(id)) registered.set(id, () => undefined);
  }
  const executed: { readonly id: string; readonly args: readonly unknown[] }[] = [];

  async function executeCommand(id: string, ...args: readonly unknown[]): Promise<unknown> {
    const command = registered.get(id);
    if (!command) throw new Error(`command '${id}' not found`);
    executed.push({ id, args });
    return command(...args);
  }

  return {
    executed: executed as readonly { readonly id: string; readonly args: readonly unknown[] }[],
    api: {
      executeCommand,
      getCommands: async () => [...registered.keys()],
      registerCommand(id: string, run: Command, self?: unknown) {
        if (registered.has(id)) throw new Error(`command '${id}' already exists`);
        registered.set(id, (...args) => run.apply(self, [...args]));
        return new Disposable(() => registered.delete(id));
      },
    },
  };
}
