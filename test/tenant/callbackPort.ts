import process from 'node:process';
import { freePort } from '../freePort.ts';

const variable = 'TEST_CALLBACK_PORT';

/** The port that browsers come back to in these tests. The processes that a test starts inherit it. */
export const callbackPort = Number((process.env[variable] ??= String(await freePort())));

/** The redirect URI that the demo tenant knows, besides the one of the default port. */
export const callback = `http://localhost:${String(callbackPort)}/callback`;
