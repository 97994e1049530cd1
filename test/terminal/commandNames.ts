/** The commands that the help lists. */
export const commands = [
  'serve',
  'connect',
  'run',
  'login',
  'logout',
  'status',
  'whoami',
  'token',
  'export',
  'import',
  'move',
  'init',
  'trust',
  'doctor',
  'claim',
  'reset',
] as const;
