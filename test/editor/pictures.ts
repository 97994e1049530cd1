import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { installCodeServer } from './codeServer.ts';
import { partOptions } from './parts.ts';
import { runEditorSuite } from './run.ts';

// `npm run pictures`: takes pictures of all that people see in a real editor, and makes those of the walkthrough and of the
// README from them. `-- --only-media` does the latter from the pictures of the last time.
const root = join(import.meta.dirname, '..', '..');
const artifacts = join('editor-artifacts', 'pictures');
const media = join(root, 'media');

/** Part of a picture, in pixels of the window. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const { width: wide, height: high, scale } = partOptions.pictures?.view ?? { width: 0, height: 0, scale: 1 };
const corner: Part = { left: 0, top: high - 300, width: 480, height: 300 };
const middle: Part = { left: (wide - 640) / 2, top: 0, width: 640, height: 320 };
const side: Part = { left: wide - 550, top: 60, width: 550, height: 340 };

/** Which picture each step of the walkthrough has, and which part of it. */
const steps: Readonly<Record<string, readonly [picture: string, part: Part]>> = {
  'sign-in': ['accounts-signed-out', corner],
  'start-server': ['servers', middle],
  'ask-for-todo': ['chat-answer', side],
  'add-server': ['add-server-kind', middle],
  'another-account': ['accounts-two', corner],
};

/** The README's moving picture: each with how long (ms) it is shown. */
const film: readonly (readonly [picture: string, ms: number])[] = [
  ['accounts-signed-out-dark', 2_200],
  ['login', 2_200],
  ['signed-in-dark', 1_800],
  ['chat-question-dark', 1_600],
  ['chat-confirmation-dark', 2_600],
  ['chat-answer-dark', 4_000],
];

const taken = (name: string) => join(root, '.cache', artifacts, `${name}.png`);

/** Makes a small file of part of a picture. */
async function cut(picture: string, { left, top, width, height }: Part, file: string): Promise<void> {
  await sharp(taken(picture))
    .extract({ left: left * scale, top: top * scale, width: width * scale, height: height * scale })
    .png({ palette: true, colours: 64, effort: 10 })
    .toFile(join(media, file));
}

async function makeSteps(): Promise<void> {
  mkdirSync(join(media, 'walkthrough'), { recursive: true });
  for (const [step, [picture, part]] of Object.entries(steps)) {
    for (const kind of ['light', 'dark', 'hc', 'hc-light']) {
      await cut(`${picture}-${kind}`, part, join('walkthrough', `${step}-${kind}.png`));
    }
  }
}

async function makeFilm(): Promise<void> {
  const frames = await Promise.all(
    film.map(([picture]) => sharp(taken(picture)).resize({ width: 1_080 }).png().toBuffer()),
  );
  await sharp(frames, { join: { animated: true } })
    .gif({ delay: film.map(([, ms]) => ms), loop: 0, colours: 128, dither: 0, effort: 10 })
    .toFile(join(media, 'demo.gif'));
}

if (!process.argv.includes('--only-media')) {
  const { failed } = await runEditorSuite({
    install: installCodeServer,
    browserHosted: true,
    artifacts,
    visits: [['pictures']],
  });
  if (failed > 0) throw new Error('Some pictures could not be taken.');
}
await makeSteps();
await cut('accounts-signed-in-light', corner, 'accounts.png');
await makeFilm();
process.exit();
