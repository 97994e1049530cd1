import { setTimeout as delay } from 'node:timers/promises';

/** Something that the window shows to the person. */
export interface Shown {
  readonly kind: 'information' | 'warning' | 'error' | 'progress' | 'statusBar' | 'quickPick' | 'inputBox';
  /** What it says now; a progress says more as it goes on. */
  readonly text: string;
  readonly detail: string;
  readonly modal: boolean;
  /** The buttons of a message, or the entries of a quick pick. */
  readonly choices: readonly string[];
  readonly isOpen: boolean;
  /** What a list or box of several steps has besides. */
  readonly step?: ShownStep | undefined;
  /** Presses that button, chooses those entries, or enters that text. @throws Error where it does not take it */
  answer(...answers: readonly string[]): Promise<void>;
  /** Closes it without an answer; of a progress, presses Cancel. */
  dismiss(): void;
}

/** A list or box that an extension steers itself. */
export interface ShownStep {
  /** As the editor shows it after the title: `2/4`. */
  readonly count: string;
  /** What is typed; in a list, the entry that is active. */
  readonly value: string;
  readonly complaint: string;
  readonly prompt: string;
  readonly isBusy: boolean;
  readonly canGoBack: boolean;
  /** Types that, and does not press Enter. */
  type(text: string): void;
  /** Presses the button that goes back. @throws Error where there is none */
  back(): void;
}

/** What a window has shown, in order. */
export interface Screen {
  readonly all: readonly Shown[];
  /** Shows it, until `settle` is called. @returns what changes it */
  add(what: Omit<Shown, 'isOpen' | 'text'>, text: string): { say(text: string): void; close(): void };
  /** Waits until something open says that. */
  see(saying: RegExp, patience?: number): Promise<Shown>;
  /** Waits until something open has that button or entry, and presses it. */
  press(choice: string, patience?: number): Promise<void>;
  /** Follows a link in the text of something open: `[text](command:…)`, with its arguments. */
  follow(link: string, patience?: number): Promise<void>;
}

/** How long (ms) to wait for what is to come. */
const usual = 15_000;

/**
 * A window's screen.
 * @param runCommand runs the command of a link
 */
export function createScreen(
  runCommand: (command: string, ...args: readonly unknown[]) => Promise<unknown>,
): Screen {
  const all: Shown[] = [];
  const open = () => all.filter(each => each.isOpen);

  async function find<T>(what: string, look: (shown: Shown) => T | undefined, patience = usual): Promise<T> {
    for (const deadline = Date.now() + patience; ; await delay(10)) {
      for (const shown of open().reverse()) {
        const found = look(shown);
        if (found !== undefined) return found;
      }
      if (Date.now() > deadline) break;
    }
    const texts = all.map(({ kind, text, isOpen }) => `${kind}${isOpen ? ', open' : ''}: ${text}`);
    throw new Error(`The window does not show ${what}. It has shown: ${texts.join('\n') || 'nothing'}`);
  }

  return {
    all,
    add(what, text) {
      const state = { text, isOpen: true };
      all.push({
        ...what,
        get text() {
          return state.text;
        },
        get isOpen() {
          return state.isOpen;
        },
      });
      return {
        say(more) {
          state.text = more;
        },
        close() {
          state.isOpen = false;
        },
      };
    },
    see: (saying, patience) =>
      find(String(saying), shown => (saying.test(shown.text) ? shown : undefined), patience),
    async press(choice, patience) {
      const shown = await find(
        `the button ${choice}`,
        each => (each.choices.includes(choice) ? each : undefined),
        patience,
      );
      await shown.answer(choice);
    },
    async follow(link, patience) {
      const command = await find(
        `the link ${link}`,
        ({ text }) => text.split(`[${link}](command:`)[1]?.split(')')[0],
        patience,
      );
      const [id = '', args = '%5B%5D'] = command.split('?');
      await runCommand(id, ...(JSON.parse(decodeURIComponent(args)) as unknown[]));
    },
  };
}
