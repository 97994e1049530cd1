import { importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import n from 'eslint-plugin-n';
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

const doors = ['./src/extension.ts', './src/cli.ts', './src/index.ts', './src/server.ts'];

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

/** What keeps todos is chosen in one place, so that another store changes nothing else. */
const chosenStore = [
  ...folders.filter(folder => folder !== 'store').map(folder => `./src/${folder}`),
  ...doors,
];
zones.push(
  {
    target: [...chosenStore, './src/store/!(directoryStore).ts', './src/store/postgres'],
    from: './src/store/sqlite',
    message: 'Only src/store/directoryStore.ts names the store of a data directory.',
  },
  {
    target: [...chosenStore, './src/store/!(databaseStore).ts', './src/store/sqlite'],
    from: './src/store/postgres',
    message: 'Only src/store/databaseStore.ts names the store of a team.',
  },
);

/** As `engines` in package.json has it; 22.19 is the Node.js of VS Code 1.105, our oldest. */
const oldestNode = '^22.19.0 || >=24.0.0';

/** Experimental there by name only. */
const experimental = [
  'import.meta.dirname',
  'import.meta.filename',
  'module.constants.compileCacheStatus',
  'module.enableCompileCache',
  'navigator',
  'navigator.language',
  'readline/promises',
  'sqlite',
  'stream.Readable.toWeb',
  'tls.setDefaultCACertificates',
];

/** What we use although it is deprecated: not to be used lightly, or of the 2025 era, which we speak too. */
const deprecated = [
  { from: 'package', package: 'openid-client', name: 'allowInsecureRequests' },
  {
    from: 'package',
    package: '@modelcontextprotocol/server',
    name: ['elicitInput', 'getClientCapabilities', 'log'],
  },
  { from: 'package', package: '@modelcontextprotocol/sdk', name: 'SSEServerTransport' },
];

/** Where we differ from `strictTypeChecked`. Each rule is here because it reports what is right. */
const typedRules = {
  // Our factories return closures, which need no `this`; the rule goes by how their types are written.
  '@typescript-eslint/unbound-method': 'off',
  // An `async` method of an interface turns what it throws into a rejection, with or without an `await`.
  '@typescript-eslint/require-await': 'off',
  // It does not see what a callback or another `await` changes, nor what a type promises and a platform lacks.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // The polls `for (…; await delay(50))`; TypeScript lets nobody use the value anyway.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  // VS Code takes every `Disposable` by its shape.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  // What was caught elsewhere, and is thrown on, is `unknown`, or `{}` once it is known to be there.
  '@typescript-eslint/only-throw-error': 'off',
  'no-throw-literal': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
  '@typescript-eslint/no-deprecated': ['error', { allow: deprecated }],
};

/**
 * Whatever a file exports has a docstring, and each says which errors it throws itself; the types say the rest. The
 * examples are held by test/examples.test.ts.
 */
const docstringRules = {
  'jsdoc/require-jsdoc': [
    'error',
    {
      require: { FunctionDeclaration: false },
      contexts: ['ExportNamedDeclaration[declaration]'],
      checkConstructors: false,
      enableFixer: false,
    },
  ],
  'jsdoc/require-throws': 'error',
  'jsdoc/check-param-names': ['error', { checkDestructured: false, disableMissingParamChecks: true }],
  'jsdoc/check-tag-names': ['error', { typed: true }],
  'jsdoc/empty-tags': 'error',
  'jsdoc/no-types': 'error',
  'jsdoc/require-param-description': 'error',
  'jsdoc/require-returns-description': 'error',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.cache'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'import-x': importX, n },
    settings: {
      // Without these two, what a file imports is never parsed, and `no-cycle` sees nothing.
      'import-x/extensions': ['.ts', '.js', '.mjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      // A package never imports what is ours, and parsing them all takes half of the time.
      'import-x/ignore': [String.raw`[\\/]node_modules[\\/]`],
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
      'n/no-deprecated-api': 'error',
      'n/no-path-concat': 'error',
      'n/prefer-node-protocol': 'error',
    },
  },
  { rules: typedRules },
  {
    files: ['src/**'],
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      ...docstringRules,
      // What the language itself lacks there is known by `lib` in tsconfig.json, and by the bundler's target.
      'n/no-unsupported-features/node-builtins': ['error', { version: oldestNode, ignores: experimental }],
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
  {
    // The types of Electron come from its package, which is not installed: the editor brings the program.
    files: ['test/editor/desktop.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // No tsconfig.json holds them.
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['eslint.config.js'], rules: { 'import-x/no-default-export': 'off' } },
);
