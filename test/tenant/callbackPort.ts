import process from 'node:process';

const variable = 'TEST_CALLBACK_PORT';

/**
 * The port that browsers come back to in these tests: below those that systems give away by themselves, and another
 * one for each process of tests. The processes that a test starts inherit it.
 */
export const callbackPort = Number((process.env[variable] ??= String(20_000 + (process.pid % 10_000))));

/** The redirect URI that the demo tenant knows, besides the one of the default port. */
export const callback = `http://localhost:${String(callbackPort)}/callback`;
