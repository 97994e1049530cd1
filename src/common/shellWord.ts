/**
 * Writes a text as one word of a command line that a person may copy: for a POSIX shell, or for cmd.exe and
 * PowerShell. What a terminal would not show as it is, is written by its bytes (POSIX.1-2024, section 2.2.4).
 * @example shellWord('/home/ada/my files', 'linux') // "'/home/ada/my files'"
 */
export function shellWord(text: string, platform: NodeJS.Platform = process.platform): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // No name of a file there has a quote in it.
  if (platform === 'win32') return /^[\w@+=:,.\\/-]+$/.test(text) ? text : `"${text}"`;
  if (!/[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/u.test(text)) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  }
  const bytes = [...Buffer.from(text)].map(byte => {
    const character = String.fromCharCode(byte);
    return /[\w@%+=:,./ -]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}
