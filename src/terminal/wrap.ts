import { columnsOf } from './columns.ts';
import { breakable, joint } from './lineBreaks.ts';

/** A command of ours within a sentence, whose parts stay in one line: people copy it. */
const commands =
  /"omnispindle [^"\n]*"|(?:npx -y )?omnispindle(?:@latest)? [a-z][a-z-]*(?: (?:'[^'\n]*'|[/~]\S*))?(?: --?[a-z][a-z-]*(?: (?!-)(?:'[^'\n]*'|"[^"\n]*"|\S+))?)*/g;

/**
 * Breaks lines at spaces, and between the characters of languages that write none, so that a terminal cuts no word.
 * An address, a path or a command of ours is never broken: where it is longer than a line it runs on, and the terminal
 * itself folds it, which copying undoes.
 * @param width most columns in a line; without it, or with 0, the text stays as it is
 * @param indent what the second line and the next begin with, besides what the first one begins with
 */
export function wrap(text: string, width: number | undefined, indent = ''): string {
  if (!width) return text;
  return text
    .split('\n')
    .map(line => (columnsOf(line) > width ? wrapLine(line, width, indent) : line))
    .join('\n');
}

function wrapLine(line: string, width: number, indent: string): string {
  const [start = ''] = /^ */.exec(line) ?? [];
  // What begins with a mark goes on below the text, not below the mark.
  const hanging = start + (/^(?:\u001b\[\d+m)*[✔!✘]/.test(line) ? '  ' : indent);
  const words = line
    .slice(start.length)
    .replaceAll(commands, command => command.replaceAll(' ', joint))
    .split(' ');
  const lines: string[] = [];
  let current = start;
  let isEmpty = true;
  for (const word of words) {
    for (const [index, part] of breakable(word).entries()) {
      const joined = index === 0 ? ` ${part}` : part;
      if (!isEmpty && columnsOf(current + joined) > width) {
        lines.push(current);
        current = hanging;
        isEmpty = true;
      }
      current += isEmpty ? part : joined;
      isEmpty = false;
    }
  }
  return [...lines, current].join('\n').replaceAll(joint, ' ');
}
