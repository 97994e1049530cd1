import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const root = join(import.meta.dirname, '..');
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

const manifestSchema = z.object({
  contributes: z.object({
    commands: z.array(z.object({ command: z.string() })),
    walkthroughs: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        description: z.string(),
        steps: z.array(
          z.object({
            id: z.string(),
            title: z.string(),
            description: z.string(),
            completionEvents: z.array(z.string()).check(z.minLength(1)),
            media: z.object({
              image: z.record(z.string(), z.string()),
              altText: z.string(),
            }),
          }),
        ),
      }),
    ),
  }),
});

const { contributes } = manifestSchema.parse(readJson('package.json'));
const texts = z.record(z.string(), z.string()).parse(readJson('package.nls.json'));
const textOf = (placeholder: string) => texts[/^%(.+)%$/.exec(placeholder)?.[1] ?? ''] ?? '';

describe('[F1] the walkthrough', () => {
  const [walkthrough] = contributes.walkthroughs;
  const steps = walkthrough?.steps ?? [];

  it('[F1] leads from the sign-in to another account', () => {
    assert.deepEqual(
      steps.map(({ id }) => id),
      ['signIn', 'startServer', 'askForTodo', 'addServer', 'anotherAccount'],
    );
  });

  it('[F1] has each of its texts in package.nls.json', () => {
    const placeholders = [
      walkthrough?.title,
      walkthrough?.description,
      ...steps.flatMap(({ title, description, media }) => [title, description, media.altText]),
    ];
    for (const placeholder of placeholders) assert.ok(textOf(placeholder ?? ''), placeholder);
  });

  for (const { id, description, media, completionEvents } of steps) {
    it(`[F1] has pictures in every kind of theme: ${id}`, () => {
      assert.deepEqual(Object.keys(media.image).sort(), ['dark', 'hc', 'hcLight', 'light']);
      for (const path of Object.values(media.image)) assert.ok(existsSync(join(root, path)), path);
    });

    it(`[F1] has a button that does it, by a command there is: ${id}`, () => {
      const links = [...textOf(description).matchAll(/^\[[^\]]+\]\(command:([\w.]+)(?:\?([^)]*))?\)$/gm)];
      assert.ok(links.length > 0);
      for (const [, command = '', input] of links) {
        const isOurs = contributes.commands.some(ours => ours.command === command);
        assert.ok(isOurs || command.startsWith('workbench.'), command);
        if (input !== undefined) JSON.parse(decodeURIComponent(input));
      }
    });

    it(`[F1] is done by what has happened, not by a click: ${id}`, () => {
      const [, key] = /^onContext:(omnispindle\.\w+)$/.exec(completionEvents[0] ?? '') ?? [];
      assert.ok(key);
      assert.deepEqual(completionEvents.slice(1), [`onContext:${key} && omnispindle.walkthroughOpened`]);
    });
  }
});
