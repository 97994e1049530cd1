import type { Tool } from '../tool.ts';
import { lessonTools } from './lessons.ts';
import { todoTools } from './todos.ts';
import { whoami } from './whoami.ts';

/** Every tool there is, in the order they are listed. */
export const allTools: readonly Tool[] = [whoami, ...todoTools, ...lessonTools];
