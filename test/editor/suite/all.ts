import { person } from './helpers.ts';
import './signIn.ts';
import './account.ts';
import './windows.ts';
import './renewal.ts';
import './servers.ts';
import './secretStorage.ts';

afterEach(async function () {
  const { state, title } = this.currentTest ?? {};
  if (state === 'failed') await person.screenshot(`failed ${title?.slice(0, 60) ?? ''}`);
});
