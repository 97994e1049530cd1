import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { settingText } from '../common/settingText.ts';
import { outsideOfSandbox } from './sandbox.ts';

/** A part of a path that a shell would have filled in: `$HOME`, `$env:HOME`, `%APPDATA%`. */
const variablePart = /(?:^|[\\/])(?:\$(?:env:)?[a-z_]\w*|%[a-z_][\w()]*%)(?=[\\/]|$)/i;

/**
 * The person's home directory, if any; with an empty HOME it is still not the directory that the process happens to
 * be in, nor is it the one that an editor's sandbox has in its place.
 */
export function homeIfAny(env: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const home = find();
      if (isAbsolute(home)) return outsideHome(home, env);
    } catch {
      // A container's user has no entry among the users, for example.
    }
  }
  return undefined;
}

function outsideHome(home: string, env: NodeJS.ProcessEnv): string {
  const outside = outsideOfSandbox(env);
  return outside?.holds(home) ? outside.home : home;
}

/** @throws OmnispindleError `invalid_settings` where the person has no home directory */
export function homeDirectory(): string {
  const home = homeIfAny();
  if (home !== undefined) return home;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('This user has no home directory. Set {0} to one, like "{1}".', homeVariable, exampleHome),
  );
}

/**
 * Reads a path as a client's configuration gives it, which goes through no shell: `~` stands for the home
 * directory, and anything that would depend on the working directory is refused, because that is a project.
 * @param name what the person calls the setting
 * @param example the last part of the path that the error gives as an example
 * @returns undefined where it is absent or empty
 * @throws OmnispindleError `invalid_settings`, naming the setting and its value
 */
export function settingPath(name: string, value: string | undefined, example: string): string | undefined {
  const path = expandedPath(name, value);
  if (path === undefined || isAbsolute(path)) return path;
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} is "{1}", which is no absolute path. Give one like "{2}" or "{3}", or remove it.',
      name,
      path,
      join(exampleHome, example),
      join('~', example),
    ),
  );
}

/**
 * Reads a path that may be relative, because the person typed it where they are.
 * @throws OmnispindleError `invalid_settings`
 */
export function expandedPath(name: string, value: string | undefined): string | undefined {
  const text = settingText(name, value);
  if (text === undefined) return undefined;
  if (variablePart.test(text)) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        '{0} is "{1}", in which nobody filled in the variable: no shell reads it. Write the path out; "~" is the home directory.',
        name,
        text,
      ),
    );
  }
  if (!/^~(?:[\\/]|$)/.test(text)) return text;
  const home = homeIfAny();
  if (home !== undefined) return join(home, text.slice(1));
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{1} is "{2}", but this user has no home directory. Set {0}, or give {1} as an absolute path.',
      homeVariable,
      name,
      text,
    ),
  );
}

/** By which a person says where their home is. */
export const homeVariable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
/** A home directory for examples in errors. */
export const exampleHome = process.platform === 'win32' ? 'C:\\Users\\ada' : '/home/ada';
