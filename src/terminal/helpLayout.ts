import { Help } from '@commander-js/extra-typings';
import { columnsOf } from './columns.ts';
import { wrap } from './wrap.ts';

/** Fewest columns in which what is said of an option can be read beside it; where there are fewer, it goes below. */
const narrowest = 20;

/** How many columns of a line the help may take. */
export function helpWidth(): number {
  return process.stdout.columns || 80;
}

/**
 * A line of a list: what it is about, and beside it, or below it where there is little room, what is said of that.
 * @param termWidth columns of the longest term in the list
 */
export function helpItem(term: string, termWidth: number, description: string): string {
  const isBeside = helpWidth() - (termWidth + 4) >= narrowest;
  const indent = ' '.repeat(isBeside ? termWidth + 4 : 6);
  const lines = wrap(indent + description, helpWidth());
  if (!isBeside) return `  ${term}\n${lines}`;
  return `  ${term}${' '.repeat(termWidth - columnsOf(term))}  ${lines.slice(indent.length)}`;
}

/** An example of a command line; on a terminal that is too narrow for it in several lines, which a shell takes, too. */
export function helpExample(example: string): string {
  const width = process.stdout.columns;
  // The shells of Windows have other ways to go on in the next line, each its own.
  if (!width || 2 + example.length <= width || process.platform === 'win32') return `  ${example}`;
  const [first = '', ...words] = example.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? [];
  const lines = [`  ${first}`];
  for (const word of words) {
    const joined = `${lines.at(-1) ?? ''} ${word}`;
    if (joined.length + 2 <= width) lines[lines.length - 1] = joined;
    else lines.push(`    ${word}`);
  }
  return lines.join(' \\\n');
}

/** How the parser lays out its help, on a terminal of any width. */
export const helpLayout: Partial<Help> = {
  formatItem: (term, termWidth, description) => helpItem(term, termWidth, description),
  displayWidth: columnsOf,
  boxWrap: text => wrap(text, helpWidth()),
  // The general help fits a screen of 24 lines with the prompt below: its last line names "help", and says so.
  visibleOptions(command) {
    const options = new Help().visibleOptions(command);
    return command.parent ? options : options.filter(option => option.long !== '--help');
  },
  visibleCommands: command => new Help().visibleCommands(command).filter(other => other.name() !== 'help'),
  formatHelp(command, helper) {
    const text = Help.prototype.formatHelp.call(helper, command, helper);
    if (command.parent) return text;
    // One empty line is left, before the commands.
    const lines = text.trimEnd().split('\n');
    const last = lines.lastIndexOf('');
    return `${lines.filter((line, index) => line !== '' || index === last).join('\n')}\n`;
  },
};
