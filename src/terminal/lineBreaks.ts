import { stripVTControlCharacters } from 'node:util';
import { columnsOf } from './columns.ts';

/** Stands for a space that no line ends at; no text of ours, or made plain, has it. */
export const joint = '\u0001';

/** Ends a path that text follows without a space. */
const wideMarks = '、。，；：！？「」（）';
const inPath = String.raw`[^\s${wideMarks}]`;
const inName = String.raw`[^/\\\s${wideMarks}]`;

/** A path, up to where ASCII ends in its last name: Chinese or Japanese text may follow without a space. */
const path = String.raw`(?<=^|[\p{Ps}\p{Pi}"':${joint}])(?:~|[A-Za-z]:)?(?:/(?!/)|\\)(?:${inPath}*[/\\])?(?:${inName}*[\w.-]|${inPath}*)`;
const quotedValue = `(?<=${joint})(?:'[^']*'|"[^"]*")`;

/** What is not parted further: one of these, or else a character, each with its colours and accents. */
const units = new RegExp(
  String.raw`(?:\u001b\[(?!22|39)\d+m)*(?:${path}|${quotedValue}|[^])(?:\p{M}|\u001b\[(?:22|39)m)*`,
  'gu',
);

/** Closing marks, and what else the rules of typesetting (UAX #14: CL, EX, NS and the like) keep from a line's start. */
const startsNoLine =
  /^[\p{Pe}\p{Pf}"'、。，．・：；！？,.:;!?%％‰ー々〻ゝゞヽヾ…‥—〜～ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ]/u;
const endsNoLine = /[\p{Ps}\p{Pi}"'$¥＄￥#＃]$/u;

/**
 * Parts a word, which is what stands between two spaces, where a line may end in it: beside a Chinese or Japanese
 * character. Any other word is one part.
 */
export function breakable(word: string): string[] {
  if (columnsOf(word) === stripVTControlCharacters(word).length) return [word];
  const parts: string[] = [];
  let last = '';
  for (const [unit] of word.matchAll(units)) {
    const seen = stripVTControlCharacters(unit);
    const before = parts.length > 0 && !mayBreak(last, seen) ? parts.pop() : '';
    parts.push(`${before ?? ''}${unit}`);
    last = seen;
  }
  return parts;
}

function mayBreak(before: string, after: string): boolean {
  // What follows such a mark is an opening quote, although it looks like a closing one.
  if (/[、。，；：！？]$/.test(before) && after.startsWith('"')) return true;
  if (startsNoLine.test(after) || endsNoLine.test(before)) return false;
  return isWide(Array.from(before).at(-1)) || isWide(Array.from(after)[0]);
}

const isWide = (char = '') => columnsOf(char) === 2;
