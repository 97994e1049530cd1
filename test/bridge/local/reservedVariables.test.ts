import assert from 'node:assert/strict';
import { parseTokenVariable } from '../../../src/bridge/local/localCommand.ts';

describe('the variable of a token', () => {
  it('[F5] is none that decides what the server runs or how, and the refusal says why', () => {
    for (const name of [
      'PATH',
      'Path',
      'HOME',
      'NODE_OPTIONS',
      'NODE_EXTRA_CA_CERTS',
      'LD_PRELOAD',
      'LD_LIBRARY_PATH',
      'DYLD_INSERT_LIBRARIES',
      'BASH_ENV',
      'PYTHONPATH',
      'PYTHONSTARTUP',
      'RUBYOPT',
      'PERL5OPT',
      'JAVA_TOOL_OPTIONS',
      'JAVA_HOME',
      '_JAVA_OPTIONS',
      'ELECTRON_RUN_AS_NODE',
      'npm_config_registry',
      'HTTPS_PROXY',
      'SSL_CERT_FILE',
      'OMNISPINDLE_BROKER_KEY',
    ]) {
      assert.throws(() => parseTokenVariable(name), {
        code: 'invalid_settings',
        message: new RegExp(`^${name} decides which programs the server runs, or how`),
      });
    }
  });

  it('[F5] may be any other, also one that begins alike', () => {
    for (const name of [
      'API_TOKEN',
      'NODE_AUTH_TOKEN',
      'NPM_TOKEN',
      'PYTHON_API_KEY',
      'PATH_TOKEN',
      'OMNISPINDLE_TOKEN',
    ]) {
      assert.equal(parseTokenVariable(name), name);
    }
  });
});
