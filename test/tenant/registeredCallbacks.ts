import { defaultCallbackPort } from '../../src/auth/flows/names.ts';

/** The callbacks that the README tells people to register with a tenant of their own, and no others. */
export const registeredCallbacks: readonly string[] = [
  `http://localhost:${String(defaultCallbackPort)}/callback`,
  'vscode://omnispindle.omnispindle/callback',
];
