import { randomUUID } from 'node:crypto';
import { namePosition, timePosition } from './cursor.ts';
import type { OwnerRows, StoreEngine, TimeKey } from './engine.ts';
import { changeLesson, lessonText, type Lesson } from './lesson.ts';
import { readPage } from './paging.ts';
import { searchPage } from './search.ts';
import type { PersonalStore, Store } from './store.ts';
import { changeTodo, createTodo, deletionOf, type TodoChanges } from './todo.ts';
import { recordsOf, takeOver } from './transfer/transfer.ts';

/** Characters of lessons that are read at a time, where all are. */
const batchSize = 250_000;

/** What a store takes from outside, so that a test can say it. */
export interface StoreRules {
  /** The time now. */
  readonly now?: () => Date;
  /** An identifier that was never used before. */
  readonly newId?: () => string;
}

/**
 * The store as tools see it, on top of what keeps its rows: all rules are here.
 * @example
 * import { createStore } from './createStore.ts';
 * import { openDatabase } from './sqlite/database.ts';
 * import { sqliteEngine } from './sqlite/sqliteStore.ts';
 *
 * const [issuer, sub] = ['https://example.eu.auth0.com/', 'auth0|ada'];
 * const store = createStore(sqliteEngine(openDatabase('/home/ada/omnispindle.db')));
 * await store.of({ issuer, sub }).addTodo({ description: 'Spin', project: 'wool' });
 * await store.close();
 */
export function createStore(
  engine: StoreEngine,
  { now = () => new Date(), newId = randomUUID }: StoreRules = {},
): Store {
  const time = () => now().toISOString();
  return {
    of(owner) {
      const rows = engine.of(owner);
      return {
        ...todosOf(rows, time, newId),
        ...lessonsOf(rows, time, newId),
        exportRecords: () => recordsOf(rows.records),
        importRecords: records => takeOver(rows.records, records),
      };
    },
    close: () => engine.close(),
  };
}

type LessonStore = Pick<
  PersonalStore,
  'addLesson' | 'getLesson' | 'updateLesson' | 'deleteLesson' | 'listLessons' | 'searchLessons' | 'eachLesson'
>;

function todosOf(
  { todos, logs, projects }: OwnerRows,
  time: () => string,
  newId: () => string,
): Omit<PersonalStore, keyof LessonStore | 'exportRecords' | 'importRecords'> {
  const change = (id: string, operation: 'update' | 'complete', changes: Partial<TodoChanges>) =>
    todos.change(id, before => changeTodo(before, operation, changes, time()));
  return {
    async addTodo(content) {
      const writing = createTodo(content, newId(), time());
      await todos.add(writing);
      return writing.todo;
    },
    getTodo: id => todos.find(id),
    updateTodo: (id, changes) => change(id, 'update', changes),
    completeTodo: (id, comment) => change(id, 'complete', { status: 'review', comment }),
    deleteTodo: id => todos.remove(id, before => deletionOf(before, time())),
    queryTodos: (filter, page, fields) =>
      readPage({ name: 'todos', rows: todos, filter, position: timePosition }, page, fields),
    searchTodos: (words, page) => searchPage('found todos', todos, words, page),
    listProjects: page =>
      readPage({ name: 'projects', rows: projects, filter: {}, position: namePosition }, page),
    queryLogs: (filter, page) => readPage({ name: 'logs', rows: logs, filter, position: timePosition }, page),
  };
}

function lessonsOf({ lessons }: OwnerRows, time: () => string, newId: () => string): LessonStore {
  return {
    async addLesson(content) {
      const at = time();
      const lesson: Lesson = { ...content, id: newId(), created_at: at, updated_at: at };
      await lessons.add(lesson, lessonText(lesson));
      return lesson;
    },
    getLesson: id => lessons.find(id),
    updateLesson: (id, changes) => lessons.change(id, before => changeLesson(before, changes, time())),
    deleteLesson: id => lessons.remove(id),
    listLessons: (filter, page) =>
      readPage({ name: 'lessons', rows: lessons, filter, position: timePosition }, page),
    searchLessons: (words, page) => searchPage('found lessons', lessons, words, page),
    async *eachLesson() {
      for (let after: TimeKey | undefined; ;) {
        const batch: Lesson[] = [];
        let size = 0;
        await lessons.list({ filter: {}, after, offset: 0, limit: batchSize }, (lesson, key) => {
          batch.push(lesson);
          after = key;
          size += lesson.topic.length + lesson.lesson_learned.length + 1;
          return size < batchSize;
        });
        yield* batch;
        if (size < batchSize) return;
      }
    },
  };
}
