/** What our server is called, the bundled one or the team's; no other may be. */
export const bundledServer = 'Omnispindle';
