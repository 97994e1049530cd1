import { isAbsoluteOn, within, type System } from './system.ts';

/** The directory of all that LM Studio keeps; a file in the home directory names it where it is not the usual one. */
export function lmStudio(system: System): string {
  const named = system.read(within(system, system.home, '.lmstudio-home-pointer'))?.trim();
  return named && isAbsoluteOn(system, named) ? named : within(system, system.home, '.lmstudio');
}
