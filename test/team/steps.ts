import fc from 'fast-check';

/** What people write; some of it is meant for whoever builds queries by hand. */
const words = fc.constantFrom(
  'wool',
  'Spindel',
  'Ärger mit Köln',
  '糸を紡ぐ',
  '🧵 thread',
  `o'clock'; DELETE FROM todo; --`,
  '100 % _all_ \\',
  '${owner} $1 :owner',
);
/** Which of the todos that there are, by a number that any list can be indexed with. */
const which = fc.nat({ max: 1_000 });
const project = fc.constantFrom('common', 'spinning', "weaver's");

/** One thing that a person does with a todo of their own. */
export type OwnStep =
  | { readonly kind: 'update' | 'complete'; readonly which: number; readonly text: string }
  | { readonly kind: 'delete' | 'get' | 'log'; readonly which: number };

/** One thing that a person does with a tool. */
export type Step =
  | { readonly kind: 'add'; readonly text: string; readonly project: string }
  | OwnStep
  | { readonly kind: 'list' }
  | { readonly kind: 'search' }
  | { readonly kind: 'projects' }
  | { readonly kind: 'listProject'; readonly project: string }
  /** With the id of somebody else's todo. */
  | { readonly kind: 'trespass'; readonly tool: string; readonly which: number };

const trespass = fc.constantFrom('get_todo', 'update_todo', 'complete_todo', 'delete_todo');

/** Writes more often than people do: what is lost, or seen by others, must have been written. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), text: words, project }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('update' as const, 'complete' as const),
      which,
      text: words,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'get' as const, 'log' as const), which }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>({ kind: 'list' }, { kind: 'search' }, { kind: 'projects' }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('listProject' as const), project }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('trespass' as const), tool: trespass, which }) },
);
