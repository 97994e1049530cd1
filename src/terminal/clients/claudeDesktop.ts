import { applicationData, within, type System } from './system.ts';

/** The directory of Claude Desktop's settings. */
export function claudeDesktop(system: System): string {
  return packagedClaude(system) ?? applicationData(system, 'Claude');
}

/**
 * Where Claude Desktop keeps its settings on Windows since it comes as a package (MSIX): Windows shows it a
 * folder of its own in place of the one for all (anthropics/claude-code issue 26073).
 */
function packagedClaude(system: System): string | undefined {
  const { platform, home, env } = system;
  if (platform !== 'win32') return undefined;
  const local = env['LOCALAPPDATA'] || within(system, home, 'AppData', 'Local');
  const packages = within(system, local, 'Packages');
  const claude = system.list(packages).find(name => /^Claude_\w+$/.test(name));
  return claude && within(system, packages, claude, 'LocalCache', 'Roaming', 'Claude');
}
