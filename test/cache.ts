import { homedir } from 'node:os';
import { join } from 'node:path';

/** Kept between checkouts: what takes minutes to build or to download. */
export const cache = process.env['OMNISPINDLE_TEST_CACHE'] ?? join(homedir(), '.cache', 'omnispindle-test');
