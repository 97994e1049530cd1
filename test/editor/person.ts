import type { Person as TenantPerson } from '../tenant/browserless.ts';

/**
 * What the suite, which runs inside the editor, asks the person in front of it to do. The person sits in
 * the outer process, with a browser; every call arrives there as `{ action, args }`.
 */
export interface Person {
  /** Presses the button with that text in a dialog or notification, waiting until there is one. */
  press(button: string, window?: number): Promise<void>;
  /** Presses the link with that text in a notification. */
  follow(link: string, window?: number): Promise<void>;
  /** Waits for the tenant's page and does there what a person does, until the page at the end. @returns its text */
  signIn(person: TenantPerson): Promise<string>;
  /** Waits for a page of the browser, where nothing need be typed: agrees to open it where the editor asks. */
  passThrough(): Promise<void>;
  /** Waits for a tenant's page and leaves it open. @returns its address */
  seeLoginPage(): Promise<string>;
  /** Closes every page that is not an editor's window. */
  closeTabs(): Promise<void>;
  /** Closes those pages and what the editor shows, and makes the tenant forget the person. */
  leaveTenant(): Promise<void>;
  /** How many pages, editor windows aside, were opened since the start. */
  tabsOpened(): Promise<number>;
  /** The entries of the Accounts menu; leaves a picture of it where that has a name. */
  readAccounts(window?: number, picture?: string): Promise<string[]>;
  /** Chooses the entry of the Accounts menu that has that in it. */
  chooseFromAccounts(entry: string, window?: number): Promise<void>;
  /** Chooses "Sign Out" of that account in the Accounts menu. */
  signOutFromAccounts(account: string, window?: number): Promise<void>;
  /** The lines of the view that is open. */
  readView(window?: number): Promise<string[]>;
  /** Chooses that entry of the menu of the view's line that has that in it. */
  chooseFromView(line: string, entry: string, window?: number): Promise<void>;
  /** Runs a command by its title in the command palette. */
  runCommand(title: string, window?: number): Promise<void>;
  /** What the command palette has for that text, by the commands' titles. */
  findCommands(text: string, window?: number): Promise<string[]>;
  /** Chooses an entry of the quick pick whose title has that in it, or of any. */
  choose(entry: string, title?: string, window?: number): Promise<void>;
  /** Ticks every entry of the quick pick whose title has that in it, and takes them. */
  chooseAll(title: string, window?: number): Promise<void>;
  /** Types into the input box whose title has that in it, in place of what is there, and presses Enter. */
  enter(text: string, title: string, window?: number): Promise<void>;
  /** Types into the input box whose title has that in it, in place of what is there. */
  type(text: string, title: string, window?: number): Promise<void>;
  /** What is typed in the input box whose title has that in it. */
  readTyped(title: string, window?: number): Promise<string>;
  /** Presses the button that goes back, in the list or box whose title has that in it. */
  goBack(title: string, window?: number): Promise<void>;
  /** Opens another window of the same editor. @returns its number; the suite's own is 0 */
  openWindow(): Promise<number>;
  reload(window: number): Promise<void>;
  closeWindow(window: number): Promise<void>;
  /** Text of all notifications and dialogs that are shown, and of the open input box's complaint. */
  readMessages(window?: number): Promise<string>;
  /** Text of all notifications, also those not shown any more. */
  readNotifications(window?: number): Promise<string>;
  clearNotifications(window?: number): Promise<void>;
  /** Waits until there is that text in the window. */
  see(text: string, window?: number): Promise<void>;
  /** Presses that key, Escape for example, wherever the focus is. */
  pressKey(key: string, window?: number): Promise<void>;
  /** Which steps of the walkthrough that is open are done, by their ids. */
  readDoneSteps(window?: number): Promise<string[]>;
  screenshot(name: string, window?: number): Promise<void>;
  /** What the workbench of a browser-hosted editor has written: its databases in the browser, as JSON. */
  readDatabases(window?: number): Promise<string>;
}

/** The person, for the suite: each method is a request to the outer process. */
export function remotePerson(address: string): Person {
  return new Proxy({} as Person, {
    get:
      (_target, action) =>
      async (...args: unknown[]) => {
        const response = await fetch(address, { method: 'POST', body: JSON.stringify({ action, args }) });
        const answer = (await response.json()) as { result?: unknown; error?: string };
        if (answer.error !== undefined) {
          throw new Error(`The person could not ${String(action)}: ${answer.error}`);
        }
        return answer.result;
      },
  });
}
