import type {
  LessonRows,
  ListedRows,
  OwnerRows,
  SearchedRows,
  Slice,
  StoreEngine,
  Take,
  TimeKey,
  TodoRows,
} from '../../src/store/engine.ts';
import type { Lesson } from '../../src/store/lesson.ts';
import { finishedStatuses, type LogEntry, type ProjectCount, type Todo } from '../../src/store/todo.ts';
import type { SearchText } from '../../src/store/words.ts';
import { memoryRecords, type Kept } from './memoryRecords.ts';

const none: SearchText = { heading: [], labels: [], body: [] };

/** Keeps rows in arrays, and looks at each: what the contract says, and no more. */
export function memoryEngine(): StoreEngine {
  const owners = new Map<string, OwnerRows>();
  return {
    of({ issuer, sub }) {
      const name = JSON.stringify([issuer, sub]);
      const rows = owners.get(name) ?? ownerRows();
      owners.set(name, rows);
      return rows;
    },
    close: () => Promise.resolve(),
  };
}

function ownerRows(): OwnerRows {
  const [todos, lessons, logs]: [Kept<Todo>[], Kept<Lesson>[], Kept<LogEntry>[]] = [[], [], []];
  let seq = 0;
  const keep = <T>(table: Kept<T>[], row: T, text = none) => table.push({ seq: ++seq, row, text });
  const todoRows: TodoRows = {
    ...timed(todos, todo => todo.updated_at),
    ...searched(todos),
    async add({ todo, text, entry }) {
      keep(todos, todo, text);
      keep(logs, entry);
    },
    async change(id, decide) {
      const kept = todos.find(({ row }) => row.id === id);
      if (!kept) return undefined;
      const { fields, text, entry } = decide(kept.row);
      kept.row = { ...kept.row, ...fields };
      kept.text = text ?? kept.text;
      keep(logs, entry);
      return kept.row;
    },
    async remove(id, entryOf) {
      const kept = todos.find(({ row }) => row.id === id);
      if (kept) keep(logs, entryOf(kept.row));
      return removeFrom(todos, kept);
    },
  };
  const lessonRows: LessonRows = {
    ...timed(lessons, lesson => lesson.updated_at),
    ...searched(lessons),
    async add(lesson, text) {
      keep(lessons, lesson, text);
    },
    async change(id, decide) {
      const kept = lessons.find(({ row }) => row.id === id);
      if (!kept) return undefined;
      const { fields, text } = decide(kept.row);
      kept.row = { ...kept.row, ...fields };
      kept.text = text;
      return kept.row;
    },
    remove: async id =>
      removeFrom(
        lessons,
        lessons.find(({ row }) => row.id === id),
      ),
  };
  return {
    todos: todoRows,
    lessons: lessonRows,
    logs: timed(logs, entry => entry.at),
    records: memoryRecords({ todos, lessons, logs }, keep),
    projects: {
      async list({ after, offset, limit }, take) {
        const counts = projectCounts(todos).filter(
          ({ project }) => !after || Buffer.compare(Buffer.from(project), Buffer.from(after[0])) > 0,
        );
        for (const count of counts.slice(offset, offset + limit)) if (!take(count, [count.project])) return;
      },
      count: async (_filter, most) => Math.min(most, projectCounts(todos).length),
    },
  };
}

function removeFrom<T>(table: Kept<T>[], kept?: Kept<T>): boolean {
  if (kept) table.splice(table.indexOf(kept), 1);
  return kept !== undefined;
}

function projectCounts(todos: readonly Kept<Todo>[]): ProjectCount[] {
  return [...Map.groupBy(todos, ({ row }) => row.project)]
    .map(([project, of]) => ({
      project,
      todos: of.length,
      open: of.filter(({ row }) => !finishedStatuses.includes(row.status)).length,
    }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.project), Buffer.from(b.project)));
}

function timed<T extends object, Filter extends object>(
  table: readonly Kept<T>[],
  timeOf: (row: T) => string,
): ListedRows<T, Filter, TimeKey> {
  const wanted = (filter: Filter) =>
    table.filter(({ row }) =>
      Object.entries(filter).every(([name, value]) =>
        name === 'since' ? timeOf(row) >= String(value) : (row as Record<string, unknown>)[name] === value,
      ),
    );
  const compare = (a: TimeKey, b: TimeKey) => (a[0] === b[0] ? b[1] - a[1] : a[0] < b[0] ? 1 : -1);
  return {
    async list({ filter, after, offset, limit }: Slice<Filter, TimeKey>, take: Take<T, TimeKey>, fields) {
      const rows = wanted(filter)
        .map(({ row, seq }) => ({ row, key: [timeOf(row), seq] as const }))
        .filter(({ key }) => !after || compare(after, key) < 0)
        .sort((a, b) => compare(a.key, b.key));
      for (const { row, key } of rows.slice(offset, offset + limit)) {
        const read = Object.entries(row).filter(
          ([name]) => name === 'id' || !fields || (fields as readonly string[]).includes(name),
        );
        if (!take(Object.fromEntries(read) as T, key)) return;
      }
    },
    count: async (filter, most) => Math.min(most, wanted(filter).length),
  };
}

function searched<T extends { readonly id: string }>(table: readonly Kept<T>[]): SearchedRows<T> {
  const rows: SearchedRows<T> = {
    find: async id => table.find(({ row }) => row.id === id)?.row,
    async matches({ whole, prefix }, most, from = Infinity) {
      const has = (part: readonly string[], word: string) => part.includes(word);
      const begins = (part: readonly string[]) => part.some(word => word.startsWith(prefix));
      return table
        .filter(({ text: { heading, labels, body } }) => {
          const all = [...heading, ...labels, ...body];
          return whole.every(word => has(all, word)) && begins(all);
        })
        .map(({ seq, text }) => {
          const parts = [text.heading, text.labels, text.body];
          return {
            seq,
            weight: parts.findIndex(part => whole.some(word => has(part, word)) || begins(part)),
          };
        })
        .filter(({ seq }) => seq <= from)
        .sort((a, b) => b.seq - a.seq)
        .slice(0, most);
    },
    countMatches: async (words, most) => (await rows.matches(words, most)).length,
    async at(matches, take) {
      for (const match of matches) {
        const kept = table.find(one => one.seq === match.seq);
        if (kept && !take(kept.row, match)) return;
      }
    },
  };
  return rows;
}
