import { run, systemProgram, type Run } from './windowsAccess.ts';

/** Who may get at a directory on Windows, besides its user. */
export type WindowsAccess = 'user only' | 'belongs to another' | 'open to others';

/**
 * Asks Windows for owner and access list of a directory.
 * @throws Error where the system does not say
 */
export async function windowsAccess(directory: string, ask: Run = run): Promise<WindowsAccess> {
  // PowerShell 7's modules would be loaded into the system's PowerShell, and the directory's name is no code.
  const { PSModulePath: _modules, ...env } = process.env;
  const powershell = systemProgram('WindowsPowerShell\\v1.0\\powershell.exe', env);
  const script = '(Get-Acl -LiteralPath $env:OMNISPINDLE_CHECKED).Sddl';
  const sddl = await ask([powershell, ['-NoProfile', '-NonInteractive', '-Command', script]], {
    ...env,
    OMNISPINDLE_CHECKED: directory,
  });
  const said = await ask([systemProgram('whoami.exe', env), ['/user', '/fo', 'csv', '/nh']]);
  const sid = /S-1-[\d-]+/.exec(said)?.[0];
  if (!sid) throw new Error('whoami');
  return judgeAccess(sddl.trim(), sid);
}

/**
 * Judges a security descriptor (SDDL, "Security Descriptor String Format") by the user's identifier. What the
 * system and its administrators may do is no concern: they may do everything.
 */
export function judgeAccess(sddl: string, sid: string): WindowsAccess {
  // The built-in administrator has a name of its own in SDDL.
  const user = new Set([sid, ...(sid.endsWith('-500') ? ['LA'] : [])]);
  const owner = /^O:([A-Z]{2}|S-1-[\d-]+)/.exec(sddl)?.[1] ?? '';
  if (!user.has(owner) && owner !== 'BA' && owner !== 'SY') return 'belongs to another';
  const list = /D:([^]*?)(?:S:|$)/.exec(sddl)?.[1];
  if (list === undefined || list.startsWith('NO_ACCESS_CONTROL')) return 'open to others';
  // System, administrators, and whoever owns or makes what is in it.
  const trusted = new Set([...user, 'SY', 'BA', 'CO', 'OW']);
  const isOpen = [...list.matchAll(/\(([^()]*)/g)]
    .map(([, entry = '']) => entry.split(';'))
    .some(([type = '', , , , , trustee = '']) => /^(?:X?A|X?OA)$/.test(type) && !trusted.has(trustee));
  return isOpen ? 'open to others' : 'user only';
}
