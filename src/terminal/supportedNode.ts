/**
 * Whether we run on that Node.js, by the rule of `engines.node` in package.json: the one of VS Code 1.105 (22.19), and
 * 24 and later. In 23, as before 22.16, SQLite came without FTS5. It is asked before all else, so it imports nothing.
 */
export function isSupportedNode(version: string = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 19);
}
