import * as vscode from 'vscode';
import { person } from './helpers.ts';

/** The kinds of themes that a walkthrough has pictures for, by the names of the editor's own themes. */
export const themes = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  hc: 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
} as const;

/** Makes the editor have that theme. */
export async function useTheme(name: string): Promise<void> {
  await vscode.workspace
    .getConfiguration('workbench')
    .update('colorTheme', name, vscode.ConfigurationTarget.Global);
}

/** Takes pictures in every kind of theme. @param take takes one of that name */
async function inThemes(name: string, take: (picture: string) => Promise<unknown>): Promise<void> {
  for (const [kind, theme] of Object.entries(themes)) {
    await useTheme(theme);
    await take(`${name}-${kind}`);
  }
}

/** Takes pictures of what is shown. */
export const pictures = (name: string): Promise<void> =>
  inThemes(name, picture => person.screenshot(picture));

/** Takes pictures of the Accounts menu. */
export const accountsPictures = (name: string): Promise<void> =>
  inThemes(name, picture => person.readAccounts(0, picture));
