import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOpenFlatpak, isStrictSnap } from '../../src/platform/sandbox.ts';
import { describeNeeds } from '../needs.ts';

const home = userInfo().homedir;
const usual = join(home, '.local', 'share', 'omnispindle');

describeNeeds(['Linux'], 'the directory of todos and sessions, in an editor from Snap or Flatpak,', () => {
  /** What a process of that environment says it is. */
  function asked(env: Record<string, string>): string {
    const paths = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'platform', 'paths.ts')).href;
    const script = `console.log((await import('${paths}')).userDirectory())`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env,
      cwd: '/',
      encoding: 'utf8',
    }).trim();
  }

  const snap = {
    SNAP: '/snap/code/180',
    SNAP_NAME: 'code',
    SNAP_USER_DATA: join(home, 'snap', 'code', '180'),
    SNAP_USER_COMMON: join(home, 'snap', 'code', 'common'),
  };
  const flatpak = { FLATPAK_ID: 'com.visualstudio.code' };
  const inFlatpak = join(home, '.var', 'app', 'com.visualstudio.code', 'data');

  for (const [what, env, meant] of [
    ['of Snap', { ...snap, HOME: home, XDG_DATA_HOME: `${snap.SNAP_USER_DATA}/.local/share` }, usual],
    ['of Snap, common', { ...snap, HOME: home, XDG_DATA_HOME: `${snap.SNAP_USER_COMMON}/share` }, usual],
    [
      'of Snap, of another revision',
      { ...snap, HOME: home, XDG_DATA_HOME: join(home, 'snap', 'code', '179', '.local', 'share') },
      usual,
    ],
    ['of Snap, as HOME alone', { ...snap, HOME: snap.SNAP_USER_DATA }, usual],
    [
      'of Snap, as HOME and as XDG_DATA_HOME',
      { ...snap, HOME: snap.SNAP_USER_DATA, XDG_DATA_HOME: `${snap.SNAP_USER_DATA}/.local/share` },
      usual,
    ],
    [
      'of Snap, where the person has one of their own',
      {
        ...snap,
        HOME: home,
        XDG_DATA_HOME: `${snap.SNAP_USER_DATA}/.local/share`,
        XDG_DATA_HOME_VSCODE_SNAP_ORIG: '/data',
      },
      '/data/omnispindle',
    ],
    ['of Flatpak', { ...flatpak, HOME: home, XDG_DATA_HOME: inFlatpak }, usual],
    [
      'of Flatpak, where the person has one of their own',
      { ...flatpak, HOME: home, XDG_DATA_HOME: inFlatpak, HOST_XDG_DATA_HOME: '/data' },
      '/data/omnispindle',
    ],
  ] as const) {
    it(`[E9] is the terminal’s: XDG_DATA_HOME is ${what}`, () => {
      assert.equal(asked(env), meant);
    });
  }

  for (const [what, env, meant] of [
    ['in Snap', { ...snap, HOME: home, XDG_DATA_HOME: '/data' }, '/data/omnispindle'],
    ['in Flatpak', { ...flatpak, HOME: home, XDG_DATA_HOME: '/data' }, '/data/omnispindle'],
    [
      'in no sandbox, and looks like one',
      { HOME: home, XDG_DATA_HOME: inFlatpak },
      join(inFlatpak, 'omnispindle'),
    ],
    ['in Snap, as HOME', { ...snap, HOME: '/home/of/mine' }, '/home/of/mine/.local/share/omnispindle'],
    [
      'in Snap, with a name that begins as its own',
      { ...snap, HOME: home, XDG_DATA_HOME: join(home, 'snap', 'code-of-mine') },
      join(home, 'snap', 'code-of-mine', 'omnispindle'),
    ],
    ['in Snap, by OMNISPINDLE_DATA_DIR', { ...snap, OMNISPINDLE_DATA_DIR: '/data' }, '/data'],
  ] as const) {
    it(`[E9] is the one that the person set ${what}`, () => {
      assert.equal(asked(env), meant);
    });
  }

  it('[E9] stays in a sandbox that reaches no other one', () => {
    assert.ok(isStrictSnap('name: x\nconfinement: strict\n'));
    assert.ok(!isStrictSnap('name: code\nconfinement: classic\n'));
    assert.ok(!isStrictSnap(undefined));
    assert.ok(isOpenFlatpak('[Context]\nshared=network;\nfilesystems=xdg-run/gnupg;host;\n'));
    assert.ok(isOpenFlatpak('[Context]\nfilesystems=home;\n'));
    assert.ok(isOpenFlatpak(undefined));
    assert.ok(!isOpenFlatpak('[Context]\nfilesystems=home:ro;xdg-documents;\n'));
    assert.ok(!isOpenFlatpak('[Context]\nfilesystems=host:reset;\n'));
    assert.ok(!isOpenFlatpak('[Context]\nshared=network;\n'));
  });
});
