import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** What builds images and runs containers: Docker, or Podman, which has the same commands. */
export interface Engine {
  readonly name: 'docker' | 'podman';
  /** @returns what it printed @throws Error with what it said, where it fails */
  run(...args: string[]): Promise<string>;
  /** @returns what it printed on both streams @throws as {@link run} */
  both(...args: string[]): Promise<string>;
}

/** How long (ms) one command may take; a build installs packages. */
const limit = 900_000;

/**
 * The engine of this machine that answers; `OMNISPINDLE_CONTAINER_ENGINE` names one.
 * @throws Error that says how to get one
 */
export async function findEngine(): Promise<Engine> {
  const wanted = process.env['OMNISPINDLE_CONTAINER_ENGINE'];
  const complaints: string[] = [];
  for (const name of ['docker', 'podman'] as const) {
    if (wanted && wanted !== name) continue;
    const engine: Engine = {
      name,
      run: async (...args) => (await run(name, args)).stdout.trim(),
      async both(...args) {
        const { stdout, stderr } = await run(name, args);
        return stdout + stderr;
      },
    };
    try {
      await engine.run('info');
      return engine;
    } catch (error) {
      complaints.push(String(error));
    }
  }
  throw new Error(`No engine for containers answers. Install Docker or Podman.\n${complaints.join('\n')}`);
}

function run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return runFile(program, args, {
    timeout: limit,
    maxBuffer: 64_000_000,
    env: { ...process.env, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' },
  });
}
