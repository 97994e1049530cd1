import { enumerations } from './basics.ts';

/** Where the editor runs, and how it is made: what differs between editors. */
export interface Surroundings {
  readonly appName?: string;
  readonly appHost?: string;
  readonly uriScheme?: string;
  readonly remoteName?: string;
  readonly uiKind?: 'desktop' | 'web';
  /** Whether a browser opens; throws where the editor does. */
  readonly openExternal?: (address: string) => boolean | Promise<boolean>;
  /** What the editor makes of an address for the browser; the address itself where absent. */
  readonly asExternalUri?: (address: string) => string | Promise<string>;
}

/**
 * The `env` of the API.
 * @param parse makes a Uri
 */
export function createEnvironment<Uri extends { toString(skipEncoding?: boolean): string }>(
  surroundings: Surroundings,
  parse: (address: string) => Uri,
) {
  const opened: string[] = [];
  let clipboard = '';
  const api = {
    appName: surroundings.appName ?? 'Visual Studio Code',
    appHost: surroundings.appHost ?? 'desktop',
    appRoot: '/usr/share/code/resources/app',
    uriScheme: surroundings.uriScheme ?? 'vscode',
    remoteName: surroundings.remoteName,
    uiKind: enumerations.UIKind[surroundings.uiKind === 'web' ? 'Web' : 'Desktop'],
    language: 'en',
    machineId: 'stand-in-machine',
    sessionId: 'stand-in-session',
    logLevel: enumerations.LogLevel.Info,
    clipboard: {
      readText: async () => clipboard,
      async writeText(text: string) {
        clipboard = text;
      },
    },
    async openExternal(target: Uri | string) {
      const address = typeof target === 'string' ? target : target.toString();
      const isOpened = (await surroundings.openExternal?.(address)) ?? true;
      if (isOpened) opened.push(address);
      return isOpened;
    },
    async asExternalUri(uri: Uri) {
      return surroundings.asExternalUri ? parse(await surroundings.asExternalUri(uri.toString())) : uri;
    },
  };
  return { api, opened: opened as readonly string[], clipboard: () => clipboard };
}
