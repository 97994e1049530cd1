import * as l10n from '@vscode/l10n';
import { OmnispindleError } from './errors.ts';

/** What stands anywhere in a value that somebody was to fill in: `${X}`, `$(x)`, `{{x}}`, `<your-domain>`. */
const marks = /\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|<[a-z][\w .-]*>/i;

/** Values that are nothing else: `$X`, `$env:X`, `%X%`, `{env:X}`, `your_token_here`, what a program makes of no value. */
const wholes =
  /^(?:\$(?:env:)?[a-z_]\w*|%[a-z_][\w()]*%|\{(?:env|file):[^}]*\}|your[\s_-].*[\s_-]here|undefined|null)$/i;

const controls = /\p{Cc}/u;

/** Whether a value still holds what somebody, or a client, was to fill in. */
export function holdsPlaceholder(value: string): boolean {
  return marks.test(value) || wholes.test(value.trim());
}

/**
 * The value without the space around it, and without the one pair of quotes that no shell has taken off.
 * @example unquoted(' "a b" ') // 'a b'
 */
export function unquoted(value: string): string {
  const text = value.trim();
  return (/^"(.*)"$/s.exec(text) ?? /^'(.*)'$/s.exec(text))?.[1]?.trim() ?? text;
}

/** How a setting is spoken of. */
export interface SettingOptions {
  /** The value is never quoted in an error. */
  readonly secret?: boolean;
}

/**
 * Reads a setting as clients really pass it: with quotes around it, or with the placeholder nobody filled in.
 * @param name what the person calls the setting
 * @returns undefined where it is absent or empty
 * @throws OmnispindleError `invalid_settings`, naming the setting
 */
export function settingText(
  name: string,
  value: string | undefined,
  { secret = false }: SettingOptions = {},
): string | undefined {
  const text = unquoted(value ?? '');
  if (text === '') return undefined;
  if (controls.test(text)) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        '{0} has a control character in its value, for example a line break. Correct it, or remove it.',
        name,
      ),
    );
  }
  if (!holdsPlaceholder(text)) return text;
  throw new OmnispindleError(
    'invalid_settings',
    secret
      ? l10n.t('{0} holds a placeholder that nobody filled in. Set it to its value, or remove it.', name)
      : l10n.t(
          '{0} is "{1}", a placeholder that nobody filled in. Set it to its value, or remove it.',
          name,
          text,
        ),
  );
}
