import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoUser, googleUser } from '../tenant/accounts.ts';
import { startTenant } from '../tenant/tenant.ts';
import { setUpProfile, startCodeServer, unforwardedHost } from './codeServer.ts';
import { packageExtension } from './packageExtension.ts';
import { installEditor } from './setup.ts';

/** Opens the demo in desktop VS Code where there is one, else in code-server, until Ctrl-C. */
export async function editorDemo(): Promise<void> {
  const root = join(import.meta.dirname, '..', '..');
  const profile = mkdtempSync(join(tmpdir(), 'omnispindle-demo-'));
  const vsix = join(profile, 'omnispindle.vsix');
  await packageExtension(root, vsix);
  const code = desktopCode();
  const tenant = await startTenant({ ...(!code && { host: unforwardedHost }), anyRedirectUri: true });
  const settings = {
    'workbench.startupEditor': 'none',
    'omnispindle.auth0.domain': tenant.domain,
    'omnispindle.auth0.clientId': tenant.clientId,
    'omnispindle.auth0.audience': tenant.audience,
  };
  if (code) {
    mkdirSync(join(profile, 'data', 'User'), { recursive: true });
    writeFileSync(join(profile, 'data', 'User', 'settings.json'), JSON.stringify(settings));
    const own = ['--user-data-dir', join(profile, 'data'), '--extensions-dir', join(profile, 'extensions')];
    execFileSync(code, [...own, '--install-extension', vsix], { stdio: 'ignore' });
    spawn(code, [...own, '--new-window'], { stdio: 'ignore', detached: true }).unref();
    console.log('Visual Studio Code opens with Omnispindle and the demo tenant.');
  } else {
    const editor = await installEditor();
    const port = Number(process.env['PORT'] ?? 8940);
    const { addressOf } = await startCodeServer({ editor, profile, port, extensions: [vsix], env: {} });
    setUpProfile(profile, { settings: { 'security.workspace.trust.enabled': false, ...settings } });
    console.log(
      `There is no desktop VS Code here. Open code-server with Omnispindle at\n\n  ${addressOf()}\n`,
    );
  }
  console.log(`Sign in from the Accounts menu, or run "Omnispindle: Sign In":
as ${demoUser.email} with the password ${demoUser.password}, by signing up,
or with Google as ${googleUser.email}, password ${googleUser.password}.
Stop the demo with Ctrl-C.`);
}

function desktopCode(): string | undefined {
  for (const name of [process.env['VSCODE_PATH'], 'code', 'code-insiders', 'codium']) {
    if (!name) continue;
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
