import assert from 'node:assert/strict';
import { createStore } from '../../../src/store/createStore.ts';
import type { StoreEngine } from '../../../src/store/engine.ts';
import type { LessonContent } from '../../../src/store/lesson.ts';
import type { Listing, Page } from '../../../src/store/listing.ts';
import type { PersonalStore, Store } from '../../../src/store/store.ts';
import type { NewTodo } from '../../../src/store/todo.ts';
import { ownerOf } from '../fixtures.ts';

/** Gives an engine without rows. */
export type OpenEngine = () => Promise<StoreEngine>;

export const page: Page = { limit: 500, offset: 0 };

/** What the tests of the contract have: a store with nothing in it before each, and a clock that stands still. */
export type Given = ReturnType<typeof useStore>;

/** Registers mocha hooks that give each test a store. */
export function useStore(open: OpenEngine) {
  let store: Store;
  let clock = 0;
  beforeEach(async () => {
    clock = Date.parse('2026-01-01T00:00:00Z');
    let ids = 0;
    store = createStore(await open(), { now: () => new Date(clock), newId: () => `id ${String(++ids)}` });
  });
  afterEach(() => store.close());

  // The store of the test that runs, so that tests need not ask for it.
  const ada = new Proxy({} as PersonalStore, {
    get: (_target, name) => Reflect.get(store.of(ownerOf('ada')), name) as unknown,
  });
  return {
    ada,
    someone: (sub: string, issuer?: string) => store.of(ownerOf(sub, issuer)),
    /** Sets the clock on by a second, or by so many milliseconds. */
    tick(by = 1_000) {
      clock += by;
    },
    now: () => new Date(clock).toISOString(),
    add: (description: string, more: Partial<NewTodo> = {}) =>
      ada.addTodo({ description, project: 'wool', ...more }),
    learn: (topic: string, more: Partial<LessonContent> = {}) =>
      ada.addLesson({ language: 'SQL', topic, lesson_learned: '', tags: [], ...more }),
    found: async (words: string) => namesOf(await ada.searchTodos(words, page)),
  };
}

export function namesOf({ items }: Listing<{ description: string }>): string[] {
  return items.map(todo => todo.description);
}

/** All pages of a list, one after the other by their cursors; `between` is called after each. */
export async function pages<T>(
  read: (page: Page) => Promise<Listing<T>>,
  limit: number,
  between: () => unknown = () => undefined,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await read({ limit, offset: 0, cursor });
    assert.ok(answer.items.length > 0 && answer.items.length <= limit);
    items.push(...answer.items);
    cursor = answer.nextCursor;
    await between();
  } while (cursor !== undefined);
  return items;
}
