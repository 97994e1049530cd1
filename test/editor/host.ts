import type { BrowserContext, Page } from 'playwright-core';

/** How the person sees the editor: by the size of its window, in pixels, and how sharp. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Of the screen for each pixel of the window. */
  readonly scale: number;
  readonly colors: 'light' | 'dark';
}

/** An editor that is installed, and has not been opened yet. */
export interface EditorOptions {
  /** An empty folder for everything the editor writes. */
  readonly profile: string;
  /** The VSIX files to install. */
  readonly extensions: readonly string[];
  /** Variables of all its processes. */
  readonly env: Readonly<Record<string, string>>;
  /** A name that the person's browser finds on this machine, whatever is there for its certificate. */
  readonly hiddenName?: string | undefined;
}

/** How a person has set the editor up. */
export interface WindowOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  /** The address of the folder that is open; one of the profile where absent. */
  readonly folder?: string;
  readonly view?: View;
  /** The language that they have chosen; English where absent. */
  readonly language?: string;
}

/** Runs a command of a window by its title. */
type RunCommand = (title: string) => Promise<void>;

/** An editor on this machine, which is opened for one person after the other. */
export interface Editor {
  /** Opens it for a person who has never used it: nothing is left of what those before did. */
  open(options: WindowOptions): Promise<EditorHost>;
  stop(): Promise<void>;
}

/** An editor that runs, and the browser of the person in front of it. */
export interface EditorHost {
  /** Where the tenant's pages open. */
  readonly browser: BrowserContext;
  /** @param run runs a command in the first window, once there is one */
  openWindow(run: RunCommand): Promise<Page>;
  /** @param run runs a command in that window */
  reload(window: Page, run: RunCommand): Promise<void>;
  /** Closes all windows. */
  close(): Promise<void>;
}

/** Whether the editor asks whom the person trusts, and is restricted until then. */
export function asksForTrust({ settings }: Pick<WindowOptions, 'settings'>): boolean {
  return settings['security.workspace.trust.enabled'] === true;
}

/** How long (ms) a window may take to open: on a busy machine the first one takes its time. */
export const openingLimit = 60_000;

/** Waits until a window can be used. */
export async function workbenchShown(window: Page): Promise<void> {
  await window.waitForSelector('.monaco-workbench .part.statusbar', { timeout: openingLimit });
}
