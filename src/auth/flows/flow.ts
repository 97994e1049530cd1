import type { Log } from '../../common/log.ts';
import type { Tenant } from '../tenant.ts';
import type { FlowName } from './names.ts';

/** Where we run, as far as it decides which flow can work. */
export interface Surroundings {
  /** `desktop`: editor and extension host on the person's machine; `remote`: a desktop editor with the extension on another machine; `browser`: an editor in a browser; `terminal`: no editor. */
  readonly host: 'desktop' | 'remote' | 'browser' | 'terminal';
  /** Whether the person's browser can reach a port on this machine at `localhost`. */
  readonly browserReachesLoopback: boolean;
  /** Why not, for people, where it cannot. */
  readonly reason?: string;
}

/** What the person or the caller wishes of the login page. */
export interface LoginHints {
  /** Opens sign-up instead of log-in (Auth0 `screen_hint=signup`). */
  readonly signup?: boolean;
  /** Goes straight to one identity provider (Auth0 `connection`), e.g. `google-oauth2`. */
  readonly connection?: string;
  /** Which account to sign in again (OpenID Connect `login_hint`). */
  readonly loginHint?: string;
  /** Asks who it is also where the browser is still logged in (OpenID Connect `prompt`). */
  readonly prompt?: 'login';
  /** The organization to sign in to, by its id (`org_…`) or its name (Auth0 `organization`). */
  readonly organization?: string;
  /** An invitation to that organization, which counts once (Auth0 `invitation`). */
  readonly invitation?: string;
  /** What the invitation calls the organization, for the login page (Auth0 `organization_name`). */
  readonly organizationName?: string;
  /** How strong the sign-in must be (RFC 9470 section 4). */
  readonly acrValues?: string;
  /** How long (s) ago the person may have signed in (RFC 9470 section 4). */
  readonly maxAge?: number;
}

/** Whose sign-in it is to be: whoever else comes back is refused. */
export interface ExpectedAccount {
  /** The tenant's `sub`. */
  readonly id: string;
  readonly label: string;
  /** The organization's id. */
  readonly organization?: string | undefined;
}

/** An organization of a tenant's (Auth0 `org_id` and `org_name`). */
export interface Organization {
  readonly id: string;
  /** Where the tenant says it. */
  readonly name?: string | undefined;
}

/** The code that a person enters, and where (RFC 8628 section 3.2); both as they may be shown. */
export interface DeviceCode {
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same address with the code already in it, where the tenant gives one. */
  readonly verificationUriComplete?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A flow that waits for the person's browser. */
export interface BrowserWait {
  readonly flow: FlowName;
  /** The address that the person is to open: the authorization URL, or where the code is entered. */
  readonly url: string;
  /** The code to enter there, where the flow has one. */
  readonly code?: DeviceCode;
  /** The flows that can be tried beside this one. */
  others(): readonly FlowName[];
  /** Tries another flow beside this one, which goes on: the first that is answered ends both. */
  alsoTry(flow: FlowName): void;
  cancel(): void;
}

/** What tells the person that a flow waits. */
export interface WaitSign {
  /** Told that no browser could be opened. */
  notOpened(): void;
  /** Told that another flow, which was tried beside this one, is given up, and why, where the person does not know it. */
  givenUp(reason?: string): void;
  /** The flow no longer waits. */
  dispose(): void;
}

/** How a flow reaches the person; implemented by the editor and by the terminal. */
export interface SignInUi {
  /** Opens the authorization URL, given as a string. False where no browser could be opened; the URL is then shown. */
  openBrowser(url: string): Promise<boolean>;
  /** Told that a flow asks the tenant for what it then shows; disposed of when it does, or fails. */
  preparing?(cancel: () => void): { dispose(): void };
  /** Told that a flow waits for the browser, with ways out of it. */
  waiting?(wait: BrowserWait): WaitSign;
  /**
   * Shows (and copies) the code and opens the verification page; returns once shown.
   * @param signal aborted when the code no longer counts
   * @param limits what was wished and a code cannot ask for, with the ways out
   */
  showDeviceCode(code: DeviceCode, signal: AbortSignal, limits?: string): Promise<void>;
}

/** What the tenant granted, checked, before it becomes a session. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresInSeconds: number;
  readonly scopes: readonly string[];
  readonly account: {
    readonly id: string;
    readonly label: string;
    readonly name?: string;
    readonly email?: string;
    /** The organization they signed in to; absent where they signed in to none. */
    readonly organization?: Organization;
  };
  /** The browser's session at the tenant (`sid` of the ID token), by which it can be ended. */
  readonly sid?: string;
}

/** What one sign-in is for. */
export interface SignInPurpose {
  readonly tenant: Tenant;
  /** The API that the access token is to be for. */
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly hints: LoginHints;
  /** Who alone may come back; anybody where absent. */
  readonly expected?: ExpectedAccount | undefined;
  /** Aborted when the person cancels, asks for another flow, or time is up. */
  readonly signal: AbortSignal;
}

/** What a flow is given for one sign-in. */
interface FlowRequest extends SignInPurpose {
  readonly ui: SignInUi;
  readonly log: Log;
}

/** A sign-in flow. */
export interface Flow {
  readonly name: FlowName;
  /**
   * @throws OmnispindleError `flow_unavailable` or `port_in_use` where the next flow should be tried, with the
   * reason; any other code ends the sign-in.
   */
  run(request: FlowRequest): Promise<Grant>;
}
