import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/errors.ts';
import type { Tool } from './tool.ts';
import { lessonTools } from './tools/lessons.ts';
import { todoTools } from './tools/todos.ts';
import { whoami } from './tools/whoami.ts';

const all: readonly Tool[] = [whoami, ...todoTools, ...lessonTools];
const named = (...names: string[]) => all.filter(tool => names.includes(tool.name));

const loadouts = {
  full: all,
  basic: named(
    'whoami',
    'add_todo',
    'get_todo',
    'update_todo',
    'complete_todo',
    'query_todos',
    'list_project_todos',
    'add_lesson',
    'search_lessons',
  ),
  minimal: named('add_todo', 'get_todo', 'complete_todo', 'query_todos'),
  lessons: [whoami, ...lessonTools],
  read_only: all.filter(tool => tool.annotations.readOnlyHint),
  write_only: all.filter(tool => !tool.annotations.readOnlyHint),
} satisfies Record<string, readonly Tool[]>;

export type Loadout = keyof typeof loadouts;

/** The tools of a loadout. */
export function toolsOf(loadout: Loadout): readonly Tool[] {
  return loadouts[loadout];
}

/** Reads `OMNISPINDLE_TOOL_LOADOUT`; absent means all tools. @throws AuthError `invalid_settings`, naming the values there are. */
export function parseLoadout(value: string | undefined): Loadout {
  if (!value) return 'full';
  if (Object.hasOwn(loadouts, value)) return value as Loadout;
  throw new AuthError(
    'invalid_settings',
    l10n.t(
      'OMNISPINDLE_TOOL_LOADOUT is "{0}". Set it to one of: {1}.',
      value,
      Object.keys(loadouts).join(', '),
    ),
  );
}
