// "npm run build" writes this from the files in src/server/tools.
import type { Tool } from '../tool.ts';
import { tools as tools0 } from '../tools/whoami.ts';
import { tools as tools1 } from '../tools/todos.ts';
import { tools as tools2 } from '../tools/lessons.ts';

/** Every tool there is, in the order they are listed. */
export const allTools: readonly Tool[] = [...tools0, ...tools1, ...tools2];
