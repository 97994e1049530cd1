import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which of our own folders each folder may import; everything else of ours is off limits to it. */
const mayImport = {
  common: [],
  platform: ['common'],
  auth: ['common'],
  network: ['common', 'auth'],
  sessions: ['common', 'platform', 'auth'],
  broker: ['common', 'platform', 'auth', 'sessions'],
  store: ['common', 'platform', 'auth'],
  mcp: ['common', 'auth', 'sessions'],
  server: ['common', 'auth', 'sessions', 'broker', 'store', 'mcp'],
  bridge: ['common', 'platform', 'auth', 'network', 'sessions', 'broker', 'mcp'],
  editor: ['common', 'platform', 'auth', 'sessions', 'broker', 'store', 'bridge'],
  terminal: [
    'common',
    'platform',
    'auth',
    'network',
    'sessions',
    'broker',
    'store',
    'mcp',
    'server',
    'bridge',
  ],
};
const folders = Object.keys(mayImport);

const doors = ['./src/extension.ts', './src/cli.ts', './src/index.ts'];

const zones = Object.entries(mayImport).flatMap(([folder, allowed]) => [
  ...folders
    .filter(other => other !== folder && !allowed.includes(other))
    .map(other => ({
      target: `./src/${folder}`,
      from: `./src/${other}`,
      message: `src/${folder} must not import src/${other} (see the import rules in eslint.config.js).`,
    })),
  { target: `./src/${folder}`, from: doors, message: 'A door imports; it is never imported.' },
]);

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.cache'] },
  ...tseslint.configs.strict,
  {
    plugins: { 'import-x': importX },
    settings: {
      // Without these two, what a file imports is never parsed, and `no-cycle` sees nothing.
      'import-x/extensions': ['.ts', '.js', '.mjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver': { node: { extensions: ['.ts', '.js', '.mjs'] } },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'vscode', message: 'Only src/editor and src/extension.ts may import vscode.' }] },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      curly: ['error', 'multi-line'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo:', 'fixme', 'xxx'] }],
    },
  },
  {
    files: ['src/editor/**', 'src/extension.ts', 'test/editor/**'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off' },
  },
  {
    files: ['test/**'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['eslint.config.js'], rules: { 'import-x/no-default-export': 'off' } },
);
