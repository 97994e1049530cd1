import { sql, type RawBuilder, type Sql } from 'kysely';
import { toText } from './text.ts';

/** A part of a statement. */
export type Fragment = RawBuilder<unknown>;

/** Columns whose indexes have the beginning of a text. */
const keyed = ['project', 'target_agent', 'ticket', 'language', 'topic'];

/**
 * The condition that a row is the owner's. Policies say the same, and `policies` leaves it to them: a test shows so that
 * they alone keep people apart.
 */
export type OwnerFilter = 'stated' | 'policies';

/** As {@link OwnerFilter} says. @param table where a statement has several */
export function isOwners(filter: OwnerFilter, owner: number, table?: string): Fragment {
  if (filter === 'policies') return sql`true`;
  return sql`${sql.ref(table === undefined ? 'owner' : `${table}.owner`)} = ${owner}`;
}

/** The conditions that columns have these values, by their indexes. Names are those of columns. */
export function areEqual(values: readonly (readonly [name: string, value: string])[]): Fragment[] {
  return values.flatMap(([name, value]) => {
    const given = toText(value);
    const isSame = sql`${sql.ref(name)} = ${given}`;
    return keyed.includes(name) ? [sql`${sql.ref(`${name}_key`)} = left(${given}, 200)`, isSame] : [isSame];
  });
}

/** Conditions that all hold. */
export function all(conditions: readonly Fragment[]): ReturnType<Sql['join']> {
  return sql.join(conditions, sql` AND `);
}
