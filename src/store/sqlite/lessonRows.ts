import { randomUUID } from 'node:crypto';
import type { Database, Row } from './database.ts';
import { createLists } from './listing.ts';
import { readRow, selection, toColumn } from './rows.ts';
import type { Lesson, Owner, PersonalStore } from '../store.ts';

const contents = ['language', 'topic', 'lesson_learned', 'tags'] as const;
const lessons = { table: 'lessons', columns: ['id', ...contents, 'created_at', 'updated_at'] } as const;
const order = 'updated_at DESC, seq DESC';

type LessonStore = Pick<
  PersonalStore,
  'addLesson' | 'getLesson' | 'updateLesson' | 'deleteLesson' | 'listLessons' | 'searchLessons' | 'eachLesson'
>;

/** The lessons of one person. */
export function lessonsOf(database: Database, owner: Owner): LessonStore {
  const { get, each, run, transaction } = database;
  const { issuer, sub } = owner;
  const { list, search } = createLists(database, owner);
  const select = `SELECT ${selection('lessons', lessons.columns)} FROM lessons`;
  const mine = 'id = ? AND issuer = ? AND sub = ?';
  const read = (row: Row): Lesson => readRow<Lesson>(row);

  function find(id: string): Lesson | undefined {
    const row = get(`${select} WHERE ${mine}`, id, issuer, sub);
    return row && read(row);
  }

  return {
    async addLesson(lesson) {
      const id = randomUUID();
      const at = new Date().toISOString();
      run(
        `INSERT INTO lessons (id, issuer, sub, created_at, updated_at, ${contents.join(', ')})
         VALUES (?, ?, ?, ?, ?, ${contents.map(() => '?').join(', ')})`,
        id,
        issuer,
        sub,
        at,
        at,
        ...contents.map(column => toColumn(lesson[column])),
      );
      return { ...lesson, id, created_at: at, updated_at: at };
    },
    getLesson: async id => find(id),
    async updateLesson(id, changes) {
      return transaction(() => {
        const given = contents.filter(column => changes[column] !== undefined);
        const assignments = [...given, 'updated_at'].map(column => `${column} = ?`).join(', ');
        run(
          `UPDATE lessons SET ${assignments} WHERE ${mine}`,
          ...given.map(column => toColumn(changes[column])),
          new Date().toISOString(),
          id,
          issuer,
          sub,
        );
        return find(id);
      });
    },
    deleteLesson: async id => run(`DELETE FROM lessons WHERE ${mine}`, id, issuer, sub) > 0,
    listLessons: async (filter, page) =>
      list(
        {
          ...lessons,
          filter: { 'language = ?': filter.language, 'topic = ?': filter.topic },
          order,
        },
        page,
      ),
    searchLessons: async (words, page) => search(lessons, words, page),
    *eachLesson() {
      const rows = each(`${select} WHERE issuer = ? AND sub = ? ORDER BY ${order}`, issuer, sub);
      for (const row of rows) yield read(row);
    },
  };
}
