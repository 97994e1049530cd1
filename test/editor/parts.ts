import type { View } from './host.ts';

/** A part of the suite inside the editor, which stands alone. */
export type SuitePart =
  | 'walkthrough'
  | 'signIn'
  | 'callback'
  | 'account'
  | 'accounts'
  | 'audiences'
  | 'windows'
  | 'renewal'
  | 'servers'
  | 'teamServer'
  | 'secretStorage'
  | 'organizations'
  | 'autostart'
  | 'agentHost'
  | 'restricted'
  | 'virtual'
  | 'proxied'
  | 'serverSecrets'
  | 'ownSignIn'
  | 'language'
  | 'pictures';

/** Those that are no tests, and run only where they are named. */
export const apart: readonly SuitePart[] = ['pictures'];

/** Parts that follow each other in one window, of a person who has never used the editor before. */
export type Visit = readonly SuitePart[];

/**
 * Each of these has an editor of its own, beside the others: they take about the same time. Its visits follow each other,
 * and none finds anything of those before.
 */
export const editorShares: Readonly<Record<string, readonly Visit[]>> = {
  'sign-in': [['signIn', 'callback', 'account', 'renewal']],
  accounts: [['walkthrough', 'accounts', 'audiences', 'organizations']],
  servers: [['windows', 'servers', 'teamServer', 'secretStorage']],
  agents: [['autostart', 'serverSecrets'], ['agentHost']],
  places: [['restricted'], ['virtual'], ['proxied'], ['language', 'ownSignIn']],
};

/** Those that `npm run test:long` runs. */
export const longShares: ReadonlySet<string> = new Set(['agents', 'places']);

/** How a person has set the editor up for a part, where that is not as for the others. */
export interface PartOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The address of the folder that is open; a folder on disk where absent. */
  readonly folder?: string;
  readonly view?: View;
  /** The language that they have chosen for the editor; English where absent. */
  readonly language?: 'de';
}

/** Of each part that wants that. */
export const partOptions: Readonly<Partial<Record<SuitePart, PartOptions>>> = {
  restricted: {
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
      'security.workspace.trust.banner': 'never',
    },
  },
  virtual: { folder: 'memfs:/wool' },
  language: { language: 'de' },
  pictures: {
    settings: {
      'breadcrumbs.enabled': false,
      'chat.editing.alwaysSaveWithGeneratedChanges': true,
      'workbench.layoutControl.enabled': false,
    },
    view: { width: 1080, height: 675, scale: 2, colors: 'dark' },
  },
  // Else the editor leaves out what NODE_EXTRA_CA_CERTS names.
  proxied: { settings: { 'http.systemCertificates': false } },
};

/** The tenant of that part has a name that only a proxy, and the person's browser, can find. */
export const hiddenTenant = 'tenant.example';
/** A remote server's name of that kind. */
export const hiddenServer = 'remote.example';

/** What the part finds beside its tenant: files of a certificate that is good for both names. */
export interface HiddenWorld {
  readonly key: string;
  readonly cert: string;
  /** The directory of the editor's profile. */
  readonly profile: string;
}

/** The APIs that the tenant of the suite knows besides its default one: two remote servers, a local one's, and a team's. */
export interface SuiteApis {
  readonly notes: string;
  readonly bank: string;
  readonly local: string;
  /** A team's server, where there is one, and the address that ends it. */
  readonly team?: string;
  readonly endOfTeam?: string;
}

/** An organization of the suite's tenant. Ada is a member, Grace is invited. */
export const organization = { id: 'org_acme', name: 'acme' } as const;
