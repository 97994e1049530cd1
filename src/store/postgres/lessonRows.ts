import type { LessonRows } from '../engine.ts';
import { lessonContents, type Lesson } from '../lesson.ts';
import { timedRows, type OwnersPlace } from './listedRows.ts';
import { searchedRows, writeWords } from './searchedRows.ts';
import { deleteRow, insertRow, readRowById, updateRow } from './writtenRows.ts';

const lessons = {
  table: 'lesson',
  columns: ['id', ...lessonContents, 'created_at', 'updated_at'],
  time: 'updated_at',
} as const;
const rewritten = { table: 'lesson', columns: [...lessonContents, 'updated_at'] } as const;

/** One owner's lessons. */
export function lessonRows(place: OwnersPlace): LessonRows {
  const { transact, ownerFilter } = place;
  return {
    ...timedRows(place, lessons),
    ...searchedRows(place, lessons),
    add: (lesson, text) =>
      transact('write', async transaction => {
        const seq = await insertRow(transaction, lessons, lesson);
        await writeWords(transaction, 'lesson', [{ seq, text }]);
      }),
    change: (id, decide) =>
      transact('write', async transaction => {
        const before = await readRowById<Lesson>(transaction, lessons, ownerFilter, id);
        if (!before) return undefined;
        const { fields, text } = decide(before.row);
        await updateRow(transaction, rewritten, ownerFilter, before.seq, fields);
        await writeWords(transaction, 'lesson', [{ seq: before.seq, text }]);
        return (await readRowById<Lesson>(transaction, lessons, ownerFilter, id))?.row;
      }),
    remove: id =>
      transact('write', async transaction => {
        const before = await readRowById<Lesson>(transaction, lessons, ownerFilter, id);
        if (!before) return false;
        await deleteRow(transaction, lessons, ownerFilter, before.seq);
        return true;
      }),
  };
}
