import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify, stripVTControlCharacters } from 'node:util';
import { claudeCode as program } from '../claudeCode.ts';
import { startAnthropicApi } from './anthropicApi.ts';
import { personAt } from './stdioClients.ts';
import { knownFrom, registeredId, type TeamClient } from './teamClient.ts';

const server = 'team';

/** Claude Code, by its commands; a stand-in for Anthropic's API has its model call the tool. */
export const claudeCode: TeamClient = {
  name: 'Claude Code',
  ways: ['dynamic', 'document', 'registered'],
  document: 'https://claude.ai/oauth/claude-code-client-metadata',
  callback: port => `http://localhost:${String(port)}/callback`,
  async whoAmI({ url, way, port, home, person, tool = 'whoami' }) {
    const name = `mcp__${server}__${tool}`;
    const api = await startAnthropicApi(name);
    const env = {
      ...personAt(home, person),
      ANTHROPIC_BASE_URL: api.url,
      ANTHROPIC_API_KEY: 'nobody asks for it',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      // Else it looks for tools by another call of the model's.
      ENABLE_TOOL_SEARCH: 'false',
    };
    const claude = async (...args: string[]) => {
      const { stdout } = await promisify(execFile)(program, args, { env, cwd: home, timeout: 60_000 });
      return stdout;
    };
    try {
      if (!existsSync(join(home, '.claude.json'))) {
        const how = way === 'registered' ? ['--client-id', registeredId] : [];
        const add = ['mcp', 'add', '--scope', 'user', '--transport', 'http', '--callback-port', String(port)];
        await claude(...add, ...how, server, url);
        await onTerminal(`exec '${program}' mcp login ${server}`, { env, cwd: home });
      }
      const said = await claude('-p', 'Who am I?', '--allowedTools', name, '--output-format', 'json');
      const { result } = JSON.parse(said) as { result: string };
      return knownFrom({ structuredContent: JSON.parse(result) as unknown });
    } finally {
      api.stop();
    }
  },
};

/** It signs in on a terminal alone. */
async function onTerminal(command: string, { env, cwd }: { env: Record<string, string>; cwd: string }) {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    cwd,
    timeout: 60_000,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [said, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${stripVTControlCharacters(said)}`);
}
