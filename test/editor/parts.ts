/** A part of the suite inside the editor, which stands alone. */
export type SuitePart =
  'signIn' | 'account' | 'accounts' | 'windows' | 'renewal' | 'servers' | 'secretStorage';

/** Each of these runs in an editor of its own, beside the others: they take about the same time. */
export const editorShares: Readonly<Record<string, readonly SuitePart[]>> = {
  'sign-in': ['signIn', 'account', 'renewal'],
  accounts: ['accounts'],
  servers: ['windows', 'servers', 'secretStorage'],
};
