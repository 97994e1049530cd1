import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  loadCookies,
  saveCookies,
  signInByForm,
  type GooglePerson,
  type Person,
  type TurnedAway,
} from './browserless.ts';

// A browser without a window, named by BROWSER: notes that it was opened, and signs in as it is told.
const [url = ''] = process.argv.slice(2);
const visits = process.env['DEMO_BROWSER_VISITS'];
if (visits) appendFileSync(visits, `${url}\n`);
// Until that file is there the person is busy with the form.
const ready = process.env['DEMO_BROWSER_READY'];
while (ready && !existsSync(ready)) {
  // The test is over.
  if (!existsSync(dirname(ready))) process.exit();
  await delay(20);
}
// The browser's profile, where it is to be kept: without it nobody is logged in.
const profile = process.env['DEMO_BROWSER_COOKIES'];
const cookies = profile ? loadCookies(profile) : new Map<string, string>();
const person = process.env['DEMO_BROWSER_PERSON'];
// A page that does not load is loaded again, as a person would.
for (let attempt = 1; attempt <= 20; attempt++) {
  try {
    const who = person ? (JSON.parse(person) as Person | GooglePerson | TurnedAway) : undefined;
    await signInByForm(url, who, cookies);
    if (profile) saveCookies(profile, cookies);
    break;
  } catch {
    await delay(500);
  }
}
