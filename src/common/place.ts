/** Where a person reads what we say: each has settings and commands of its own. */
export type Place = 'editor' | 'terminal';

let here: Place = 'terminal';

/** Has all that is said from now on be in the words of that place. A process is in one, and says so when it starts. */
export function speakIn(place: Place): void {
  here = place;
}

/**
 * What is said in the place where we are.
 * @example
 * import { inPlace } from './place.ts';
 *
 * const command: string = inPlace({ editor: '"Omnispindle: Sign In"', terminal: 'omnispindle login' });
 */
export function inPlace(words: Readonly<Record<Place, string>>): string {
  return words[here];
}
