import type { ToolScope } from '../../common/toolScopes.ts';
import { allTools } from '../generated/allTools.ts';
import { namesOf, type Loadout } from '../loadouts.ts';

/** The scopes that the tools of a loadout need, in the order of their names. */
export function scopesOf(loadout: Loadout): readonly ToolScope[] {
  const names = namesOf(loadout);
  const scopes = allTools.filter(({ name }) => names.has(name)).flatMap(({ scope }) => scope ?? []);
  return [...new Set(scopes)].sort();
}
