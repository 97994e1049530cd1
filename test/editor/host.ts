import type { BrowserContext, Page } from 'playwright-core';

/** How the person sees the editor: by the size of its window, in pixels, and how sharp. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Of the screen for each pixel of the window. */
  readonly scale: number;
  readonly colors: 'light' | 'dark';
}

export interface EditorOptions {
  /** An empty folder for everything the editor writes. */
  readonly profile: string;
  /** The VSIX files to install. */
  readonly extensions: readonly string[];
  readonly settings: Record<string, unknown>;
  readonly env: Record<string, string>;
  /** The address of the folder that is open; one of the profile where absent. */
  readonly folder?: string;
  readonly view?: View;
  readonly language?: string;
  /** A name that the person's browser finds on this machine, whatever is there for its certificate. */
  readonly hiddenName?: string | undefined;
}

/** Runs a command of a window by its title. */
type RunCommand = (title: string) => Promise<void>;

/** An editor that runs, and the browser of the person in front of it. */
export interface EditorHost {
  /** Where the tenant's pages open. */
  readonly browser: BrowserContext;
  /** @param run runs a command in the first window, once there is one */
  openWindow(run: RunCommand): Promise<Page>;
  /** @param run runs a command in that window */
  reload(window: Page, run: RunCommand): Promise<void>;
  stop(): Promise<void>;
}

/** Whether the editor asks whom the person trusts, and is restricted until then. */
export function asksForTrust({ settings }: Pick<EditorOptions, 'settings'>): boolean {
  return settings['security.workspace.trust.enabled'] === true;
}

/** How long (ms) a window may take to open: on a busy machine the first one takes its time. */
export const openingLimit = 60_000;

/** Waits until a window can be used. */
export async function workbenchShown(window: Page): Promise<void> {
  await window.waitForSelector('.monaco-workbench .part.statusbar', { timeout: openingLimit });
}
