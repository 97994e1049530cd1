import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import toolList from './generated/toolList.json' with { type: 'json' };

// By the kept list: the tools themselves come in with the first call, because their schemas take a tenth of the start.
const all: readonly string[] = toolList.map(({ name }) => name);
const reading = toolList.filter(tool => tool.annotations.readOnlyHint).map(({ name }) => name);

const loadouts = {
  full: all,
  basic: [
    'whoami',
    'add_todo',
    'get_todo',
    'update_todo',
    'complete_todo',
    'query_todos',
    'list_project_todos',
    'add_lesson',
    'search_lessons',
  ],
  minimal: ['add_todo', 'get_todo', 'complete_todo', 'query_todos'],
  lessons: all.filter(name => name === 'whoami' || /_lessons?$/.test(name)),
  read_only: reading,
  write_only: all.filter(name => !reading.includes(name)),
} satisfies Record<string, readonly string[]>;

/** A value of `OMNISPINDLE_TOOL_LOADOUT`. */
export type Loadout = keyof typeof loadouts;

/** The names of a loadout's tools. */
export function namesOf(loadout: Loadout): ReadonlySet<string> {
  return new Set(loadouts[loadout]);
}

/**
 * Reads `OMNISPINDLE_TOOL_LOADOUT`; absent means all tools.
 * @throws OmnispindleError `invalid_settings`, naming the values there are
 */
export function parseLoadout(value: string | undefined): Loadout {
  if (!value) return 'full';
  if (Object.hasOwn(loadouts, value)) return value as Loadout;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'OMNISPINDLE_TOOL_LOADOUT is "{0}". Set it to one of: {1}.',
      value,
      Object.keys(loadouts).join(', '),
    ),
  );
}
