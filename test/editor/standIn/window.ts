import type * as vscode from 'vscode';
import { CancellationTokenSource, Disposable, EventEmitter, enumerations } from './basics.ts';
import { createQuickInputs } from './quickInputs.ts';
import type { Screen, Shown } from './shown.ts';
import { strict } from './strict.ts';

type Item = string | vscode.MessageItem;

/** What the status bar shows until it is taken away. */
interface StatusBarItem {
  readonly text: string;
  readonly command: string;
  readonly isShown: boolean;
}

/** A window's part of the API: what it shows, and where callbacks come in. */
export function createWindow(screen: Screen, focused = true) {
  const lines: string[] = [];
  const statusBar: StatusBarItem[] = [];
  let treeChanges = 0;
  const trees = new Map<string, vscode.TreeDataProvider<unknown>>();
  const stateChanged = new EventEmitter<vscode.WindowState>();
  let state: vscode.WindowState = { focused, active: true };
  let uriHandler: vscode.UriHandler | undefined;

  function message(kind: Shown['kind']) {
    return (text: string, ...rest: readonly unknown[]): Promise<Item | undefined> => {
      const [first, ...others] = rest;
      const hasOptions = typeof first === 'object' && first !== null && !('title' in first);
      const { modal = false, detail = '' } = (hasOptions ? first : {}) as vscode.MessageOptions;
      const items = (hasOptions ? others : rest).filter(item => item !== undefined) as Item[];
      const titleOf = (item: Item) => (typeof item === 'string' ? item : item.title);
      const { promise, resolve } = Promise.withResolvers<Item | undefined>();
      const close = (item?: Item) => {
        shown.close();
        resolve(item);
      };
      const shown = screen.add(
        {
          kind,
          detail,
          modal,
          choices: items.map(titleOf),
          async answer(title = '') {
            const item = items.find(each => titleOf(each) === title);
            if (item === undefined) throw new Error(`"${text}" has no button ${title}.`);
            close(item);
          },
          dismiss() {
            close(items.find(item => typeof item === 'object' && item.isCloseAffordance));
          },
        },
        text,
      );
      return promise;
    };
  }

  async function showQuickPick(
    given: readonly Pick[] | PromiseLike<readonly Pick[]>,
    options: vscode.QuickPickOptions = {},
  ): Promise<Pick | Pick[] | undefined> {
    const items = (await given).filter(
      item => typeof item === 'string' || Number(item.kind) !== enumerations.QuickPickItemKind.Separator,
    );
    const labelOf = (item: Pick) => (typeof item === 'string' ? item : item.label);
    const { promise, resolve } = Promise.withResolvers<Pick | Pick[] | undefined>();
    const close = (chosen?: Pick | Pick[]) => {
      shown.close();
      resolve(chosen);
    };
    const shown = screen.add(
      {
        kind: 'quickPick',
        detail: options.placeHolder ?? '',
        modal: false,
        choices: items.map(labelOf),
        async answer(...labels) {
          const chosen = items.filter(item => labels.includes(labelOf(item)));
          if (chosen.length < labels.length) throw new Error(`There is no entry ${labels.join(', ')}.`);
          close(options.canPickMany ? chosen : chosen[0]);
        },
        dismiss: close,
      },
      options.title ?? options.placeHolder ?? '',
    );
    return promise;
  }

  function showInputBox(options: vscode.InputBoxOptions = {}): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const close = (text?: string) => {
      shown.close();
      resolve(text);
    };
    const shown = screen.add(
      {
        kind: 'inputBox',
        detail: options.prompt ?? '',
        modal: false,
        choices: [],
        async answer(text = '') {
          const complaint = await options.validateInput?.(text);
          if (complaint) throw new Error(typeof complaint === 'string' ? complaint : complaint.message);
          close(text);
        },
        dismiss: close,
      },
      options.title ?? options.prompt ?? '',
    );
    return promise;
  }

  async function withProgress<R>(
    options: vscode.ProgressOptions,
    task: (progress: vscode.Progress<{ message?: string }>, token: vscode.CancellationToken) => Thenable<R>,
  ): Promise<R> {
    const source = new CancellationTokenSource();
    const title = options.title ?? '';
    const shown = screen.add(
      {
        kind: 'progress',
        detail: '',
        modal: false,
        choices: options.cancellable ? ['Cancel'] : [],
        async answer() {
          source.cancel();
        },
        dismiss() {
          source.cancel();
        },
      },
      title,
    );
    const progress = {
      report({ message: more }: { message?: string }) {
        if (more !== undefined) shown.say([title, more].filter(Boolean).join(': '));
      },
    };
    try {
      return await task(progress, source.token);
    } finally {
      shown.close();
    }
  }

  const api = {
    get state() {
      return state;
    },
    onDidChangeWindowState: stateChanged.event,
    activeTextEditor: undefined,
    // There are no tabs.
    tabGroups: { all: [], onDidChangeTabs: new EventEmitter<vscode.TabChangeEvent>().event },
    showInformationMessage: message('information'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    showQuickPick,
    showInputBox,
    ...createQuickInputs(screen),
    withProgress,
    setStatusBarMessage(text: string) {
      const nothing = async () => undefined;
      const shown = screen.add(
        {
          kind: 'statusBar',
          detail: '',
          modal: false,
          choices: [],
          answer: nothing,
          dismiss: () => undefined,
        },
        text,
      );
      return new Disposable(() => {
        shown.close();
      });
    },
    createStatusBarItem(id: string) {
      const item = { id, name: '', text: '', command: '', isShown: false };
      statusBar.push(item);
      return Object.assign(item, {
        show() {
          item.isShown = true;
        },
        dispose() {
          statusBar.splice(statusBar.indexOf(item), 1);
        },
      });
    },
    registerTreeDataProvider(view: string, provider: vscode.TreeDataProvider<unknown>) {
      trees.set(view, provider);
      provider.onDidChangeTreeData?.(() => {
        treeChanges++;
      });
      return new Disposable(() => trees.delete(view));
    },
    createOutputChannel: (name: string) => outputChannel(name, lines),
    registerUriHandler(handler: vscode.UriHandler) {
      if (uriHandler) {
        throw new Error('Protocol handler already registered');
      }
      uriHandler = handler;
      return new Disposable(() => {
        uriHandler = undefined;
      });
    },
  };
  return {
    api,
    /** What the output channels were told. */
    lines,
    /** The items of the status bar that stay. */
    statusBar: statusBar as readonly StatusBarItem[],
    /** How often the editor was told to read a tree again. */
    treeChanges: () => treeChanges,
    /** The data of views that are trees, by their ids. */
    trees: trees as ReadonlyMap<string, vscode.TreeDataProvider<unknown>>,
    /** Hands over a URI, as the system does. @throws Error where nobody waits for any */
    async handleUri(uri: vscode.Uri): Promise<void> {
      if (!uriHandler) throw new Error('The extension has registered no URI handler.');
      await uriHandler.handleUri(uri);
    },
    setFocused(isFocused: boolean): void {
      state = { ...state, focused: isFocused };
      stateChanged.fire(state);
    },
  };
}

type Pick = string | vscode.QuickPickItem;

function outputChannel(name: string, lines: string[]) {
  const at = (level: string) => (text: string) => {
    lines.push(`${level} ${text}`);
  };
  return strict(`OutputChannel ${name}`, {
    name,
    logLevel: enumerations.LogLevel.Info,
    onDidChangeLogLevel: new EventEmitter<number>().event,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    append: at(''),
    appendLine: at(''),
    show: () => undefined,
    clear: () => undefined,
    dispose: () => undefined,
  });
}
