import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { plainJson, plainText } from '../../common/plainText.ts';
import { wrap } from '../wrap.ts';

/** Only who knows it can style what a terminal shows: text from outside cannot. */
const mark = randomUUID();
const styled = new RegExp(`${mark}(green|red|yellow|bold):([^]*?)${mark}:`, 'g');

type Style = 'green' | 'red' | 'yellow' | 'bold';

/**
 * Prints a result: as JSON for scripts, else in words, without what a terminal would act on.
 * @param options.isFile the words are a file's content, whose lines stay as they are
 */
export function print(
  json: boolean | undefined,
  data: unknown,
  words: string,
  { isFile = false }: { readonly isFile?: boolean } = {},
): void {
  const text = json
    ? plainJson(data)
    : wrap(
        plainText(words, Infinity).replaceAll(styled, (_match, style: Style, said: string) =>
          process.stdout.isTTY ? styleText(style, said) : said,
        ),
        isFile ? undefined : process.stdout.columns,
      );
  process.stdout.write(`${text}\n`);
}

const style = (name: Style) => (text: string) => `${mark}${name}:${text}${mark}:`;
/** Marks text for {@link print} as good news. */
export const good = style('green');
/** Marks text for {@link print} as what works, and could be better. */
export const fair = style('yellow');
/** Marks text for {@link print} as bad news. */
export const bad = style('red');

/** Runs long work with a spinner on a terminal, where nothing else reads stderr. */
export async function withSpinner<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work();
  const { default: yoctoSpinner } = await import('yocto-spinner');
  const spinner = yoctoSpinner({
    text: plainText(text),
    stream: process.stderr,
    handleSignals: false,
  }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}
