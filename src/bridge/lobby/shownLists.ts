import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../common/isObject.ts';
import type { listChanges } from '../../mcp/names.ts';
import { lists, type Items, type ListMethod } from './lists.ts';
import { signInTool } from './words.ts';

/** Where lists come from, and who hears of them. */
export interface ShownListsOptions {
  /** Asks the server. Never rejects. @returns undefined where it does not say */
  list(method: ListMethod): Promise<Items | undefined>;
  /** Hears what the server lists. */
  note(method: ListMethod, items: Items): void;
  /** Tells the client that it has changed. */
  tell(list: keyof typeof listChanges): void;
}

/** What the client was shown of lists that the server has not confirmed. */
export function createShownLists({ list, note, tell }: ShownListsOptions) {
  const shown = new Map<ListMethod, Items>();
  let hasSignIn = false;

  return {
    isAny: (): boolean => shown.size > 0,
    /** Whether the client may call the tool that stands for all others. */
    hasSignIn: (): boolean => hasSignIn,
    add(method: ListMethod, items: Items): void {
      shown.set(method, items);
      if (method === 'tools/list') hasSignIn = items.some(isSignInTool);
    },
    /** The client has it from the server. */
    confirm(method: ListMethod): void {
      shown.delete(method);
      if (method === 'tools/list') hasSignIn = false;
    },
    /** Asks the server, and tells the client what is another one. Never rejects. @returns what the server lists */
    async settle(): Promise<ReadonlyMap<ListMethod, Items>> {
      const before = [...shown];
      shown.clear();
      const changed = new Set<keyof typeof listChanges>();
      const found = new Map<ListMethod, Items>();
      for (const [method, items] of before) {
        const now = await list(method);
        if (now) {
          found.set(method, now);
          note(method, now);
        }
        if (!isDeepStrictEqual(now ?? [], items)) changed.add(lists[method].of);
      }
      for (const each of changed) tell(each);
      return found;
    },
  };
}

function isSignInTool(tool: unknown): boolean {
  return isObject(tool) && tool['name'] === signInTool;
}
