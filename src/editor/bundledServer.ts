/** What the bundled server is called; no other may be. */
export const bundledServer = 'Omnispindle';
