import { appendFileSync } from 'node:fs';
import { signInByForm, type Person } from './browserless.ts';

// A browser without a window, named by BROWSER: notes that it was opened, and signs in as it is told.
const [url = ''] = process.argv.slice(2);
const visits = process.env['DEMO_BROWSER_VISITS'];
if (visits) appendFileSync(visits, `${url}\n`);
const person = process.env['DEMO_BROWSER_PERSON'];
await signInByForm(url, person ? (JSON.parse(person) as Person) : undefined);
