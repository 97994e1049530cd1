import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlessAborted } from '../../src/common/unlessAborted.ts';
import type { Editor, EditorOptions } from './host.ts';
import { packageForSuite, packageLanguage } from './packageExtension.ts';
import { hiddenTenant, partOptions, type Visit } from './parts.ts';
import { startHiddenWorld } from './hiddenWorld.ts';
import type { Summary } from './results.ts';
import { runVisit } from './visit.ts';

const root = join(import.meta.dirname, '..', '..');

export interface EditorSuiteOptions {
  readonly install: (options: EditorOptions) => Promise<Editor>;
  /** Whether the editor has no address that a tenant could know beforehand. */
  readonly browserHosted: boolean;
  /** The folder in `.cache` for pictures and logs. */
  readonly artifacts: string;
  /** One without parts has all of them. */
  readonly visits: readonly Visit[];
  /** Aborted where the suite must end before its end. */
  readonly signal?: AbortSignal;
}

/** Runs parts of the suite inside a real editor and prints its results. */
export async function runEditorSuite(options: EditorSuiteOptions): Promise<Summary> {
  const { install, browserHosted, visits, signal = new AbortController().signal } = options;
  const profile = mkdtempSync(join(tmpdir(), 'omnispindle-editor-'));
  const artifacts = join(root, '.cache', options.artifacts);
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  const ticket = join(profile, 'ticket');

  const extensions = await packageForSuite(profile);
  const isTranslated = visits.some(([part]) => part && partOptions[part]?.language !== undefined);
  if (isTranslated) extensions.push(await packageLanguage(profile));
  const hidden = visits.flat().includes('proxied') ? await startHiddenWorld(profile) : undefined;
  const installing = install({
    profile,
    extensions,
    hiddenName: hidden && hiddenTenant,
    env: {
      OMNISPINDLE_SUITE_TICKET: ticket,
      OMNISPINDLE_SUITE_WINDOWS: join(profile, 'windows'),
      ...hidden?.env,
    },
  });
  const all = { passed: 0, failed: 0, skipped: 0 };
  try {
    const editor = await unlessAborted(installing, signal);
    for (const parts of visits) {
      const visit = { profile, ticket, artifacts, parts, browserHosted, signal };
      const { passed, failed, skipped } = await runVisit(
        editor,
        parts.includes('proxied') && hidden ? { ...visit, hidden } : visit,
      );
      keepLogs(profile, artifacts);
      all.passed += passed;
      all.failed += failed;
      all.skipped += skipped;
    }
    return all;
  } finally {
    await installing.then(
      editor => editor.stop(),
      () => undefined,
    );
    hidden?.front.stop();
    keepLogs(profile, artifacts);
    rmSync(profile, { recursive: true, force: true });
  }
}

function keepLogs(profile: string, artifacts: string): void {
  for (const name of ['code-server.log', 'data/logs', 'results']) {
    const path = join(profile, name);
    if (existsSync(path)) cpSync(path, join(artifacts, name.replace('data/', '')), { recursive: true });
  }
}
