#!/usr/bin/env node
import { definitionVariable, isEditors } from './broker/variables.ts';
import { onFilesGone } from './common/filesGone.ts';
import { speakIn } from './common/place.ts';
import { wantedLocales } from './terminal/locale.ts';
import { isSupportedNode } from './terminal/supportedNode.ts';

// npx warns of a Node.js that is too old, and starts us anyway.
if (!isSupportedNode()) {
  process.exit((await import('./terminal/unsupportedRuntime.ts')).reportUnsupportedRuntime());
}

// What the client was told is on its way by then.
onFilesGone(() => setTimeout(() => process.exit(1), 500));

process.on('uncaughtException', (error: unknown) => {
  import('./terminal/failure.ts').then(
    ({ reportCrash }) => process.exit(reportCrash(error)),
    () => process.exit(1),
  );
});

// Its person reads our errors in the editor.
if (isEditors()) speakIn('editor');

const locales = wantedLocales(process.env);
if (locales.length > 0) (await import('./terminal/translation.ts')).useTranslation(locales);

// What that command has removed must not be there again.
if (process.argv[2] !== 'reset') (await import('./terminal/compileCache.ts')).useCompileCache();

// No command, but what goes on with a sign-in when an MCP client has ended us.
if (process.argv[2] === 'sign-in-process' && process.argv.length === 3 && !process.stdin.isTTY) {
  process.exit(await (await import('./terminal/signInProcess/child.ts')).signInForAnother());
}

const isOfEditor = Boolean(process.env[definitionVariable]);
if (isOfEditor) (await import('./terminal/editorServer.ts')).leaveWorkspace();

// Not before the client has had its first answer. Where the editor moves todos there is no server.
if (isEditors() && process.argv[2] !== 'move') {
  setTimeout(() => {
    import('./terminal/place.ts').then(
      ({ sayPlace }) => {
        sayPlace();
      },
      () => undefined,
    );
  }, 100).unref();
}

// `serve` takes the short way: its client waits for the list of tools.
if (process.argv[2] === 'serve' && process.argv.length === 3) {
  const { serve } = await import('./terminal/serve.ts');
  process.exit(
    await serve().catch(async (error: unknown) =>
      (await import('./terminal/failure.ts')).reportFailure(error),
    ),
  );
} else if (isOfEditor && process.argv.length === 3 && /^(?:connect|run)$/.test(process.argv[2] ?? '')) {
  const { startEditorServer } = await import('./terminal/editorServer.ts');
  await startEditorServer().catch(async (error: unknown) => {
    process.exitCode = (await import('./terminal/failure.ts')).reportFailure(error);
  });
} else {
  const { main } = await import('./terminal/main.ts');
  process.exitCode = await main(process.argv);
}
