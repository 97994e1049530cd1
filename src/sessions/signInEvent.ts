import type { DeviceCode } from '../auth/flows/flow.ts';
import type { FlowName } from '../auth/flows/names.ts';

interface Circumstances {
  /** What the person must know before: which tenant it is that they sign in at. */
  readonly notice?: string | undefined;
  /** Whether another process has that sign-in open. */
  readonly elsewhere?: boolean | undefined;
  /** The API that it is for, where it is a {@link PassEvent pass} of somebody who is signed in. */
  readonly passFor?: string | undefined;
}

/** The person's browser is to sign in at the authorization URL. */
interface BrowserEvent {
  readonly type: 'browser';
  readonly url: string;
  /** Whether a browser could be opened. */
  readonly opened: boolean;
}

/** The person is to enter a code (RFC 8628). */
interface DeviceCodeEvent {
  readonly type: 'deviceCode';
  readonly userCode: DeviceCode['userCode'];
  readonly verificationUri: DeviceCode['verificationUri'];
  readonly verificationUriComplete?: DeviceCode['verificationUriComplete'] | undefined;
  readonly expiresAt: DeviceCode['expiresAt'];
}

/** The sign-in goes on by that flow, and not by one that would be tried before it. */
interface FlowEvent {
  readonly type: 'flow';
  readonly flow: FlowName;
  /** Why, for people. */
  readonly reason: string;
}

/** A person who is signed in is to pass through the browser once more, for that API alone; there is nothing to type. */
interface PassEvent {
  readonly type: 'pass';
  readonly audience: string;
}

/** The editor asks the person. */
interface EditorEvent {
  readonly type: 'editor';
  /** Where they sign in, where the settings name another tenant than ours. */
  readonly host?: string | undefined;
}

/** Somebody has signed in, but that cannot be kept. */
interface UnkeptEvent {
  readonly type: 'unkept';
  readonly label: string;
  /** Why, for people. */
  readonly reason: string;
}

/** Something else is waited for, or an older version of ours signs in and says so in words. */
interface MessageEvent {
  readonly type: 'message';
  readonly message: string;
  /** The address to open, where there is one: any other one in the words is not to be opened. */
  readonly url?: string | undefined;
}

/** What a sign-in waits for. Whoever tells people chooses the words. */
export type SignInEvent = Circumstances &
  (BrowserEvent | DeviceCodeEvent | FlowEvent | PassEvent | EditorEvent | UnkeptEvent | MessageEvent);

/** Hears what is being waited for. */
export type OnProgress = (event: SignInEvent) => void;

/** The address that the person is to open, if there is one. */
export function addressOf(event: SignInEvent): string | undefined {
  switch (event.type) {
    case 'browser':
    case 'message':
      return event.url;
    case 'deviceCode':
      return event.verificationUriComplete ?? event.verificationUri;
    default:
      return undefined;
  }
}
