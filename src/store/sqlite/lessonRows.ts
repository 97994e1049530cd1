import type { LessonRows } from '../engine.ts';
import { lessonContents, type Lesson } from '../lesson.ts';
import type { Database } from './database.ts';
import { timedRows, type TimedTable } from './listedRows.ts';
import type { OwnerId } from './owners.ts';
import { readRow, selection, toColumn } from '../rows.ts';
import { searchedRows } from './searchedRows.ts';
import { writeText } from './searchText.ts';

const columns = ['id', ...lessonContents, 'created_at', 'updated_at'] as const;
const lessons = {
  table: 'lesson',
  columns,
  time: 'updated_at',
  indexes: [['language', 'topic'], ['topic'], ['language']],
} as const satisfies TimedTable;

/** One owner's lessons. */
export function lessonRows(database: Database, owner: OwnerId): LessonRows {
  const { get, run, transaction } = database;

  function read(id: string): { lesson: Lesson; seq: number } | undefined {
    const row = get(
      `SELECT seq, ${selection('lesson', columns)} FROM lesson WHERE id = ? AND owner = ?`,
      id,
      owner.toRead(),
    );
    return row && { lesson: readRow<Lesson>(row, columns), seq: Number(row['seq']) };
  }

  return {
    ...timedRows(database, owner, lessons),
    ...searchedRows(database, owner, lessons),
    async add(lesson, text) {
      transaction(() => {
        const of = owner.toWrite();
        const added = get(
          `INSERT INTO lesson (owner, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})
           RETURNING seq`,
          of,
          ...columns.map(column => toColumn(lesson[column])),
        );
        writeText(database, 'lesson', Number(added?.['seq']), of, text);
      });
    },
    async change(id, decide) {
      return transaction(() => {
        const before = read(id);
        if (!before) return undefined;
        const { fields, text } = decide(before.lesson);
        const given = [...lessonContents, 'updated_at'] as const;
        const changed = given.filter(column => fields[column] !== undefined);
        run(
          `UPDATE lesson SET ${changed.map(column => `${column} = ?`).join(', ')} WHERE seq = ?`,
          ...changed.map(column => toColumn(fields[column])),
          before.seq,
        );
        writeText(database, 'lesson', before.seq, owner.toWrite(), text);
        return read(id)?.lesson;
      });
    },
    remove: async id => run('DELETE FROM lesson WHERE id = ? AND owner = ?', id, owner.toRead()) > 0,
  };
}
