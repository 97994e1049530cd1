import assert from 'node:assert/strict';
import { DockerfileParser, type Dockerfile } from 'dockerfile-ast';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { dockerfile } from './container.ts';

/** Everything that a linter says, as something that must not be. */
const strictly = {
  casePreference: ValidationSeverity.ERROR,
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
};
const lint = (text: string) => validate(text, strictly).map(({ message }) => message);

/** What hadolint asks besides, which is no package: in GitHub's CI it runs itself. */
const rules: { says: string; check(parsed: Dockerfile): void; from: string; to: string }[] = [
  {
    says: 'each stage begins with an image whose version is named, or with one before it',
    check(parsed) {
      const stages = parsed.getFROMs().map(from => from.getBuildStage());
      for (const from of parsed.getFROMs()) {
        const tag = from.getImageTag() ?? from.getImageDigest();
        assert.ok(stages.includes(from.getImage()) || (tag && tag !== 'latest'), from.getImage() ?? '');
      }
    },
    from: ':24-trixie-slim AS build',
    to: ' AS build',
  },
  {
    says: 'what it runs in the end is no user with a name, nor root',
    check(parsed) {
      const last = parsed.getInstructions().findLast(each => each.getKeyword() === 'USER');
      assert.match(last?.getArgumentsContent() ?? '', /^[1-9]\d{4,}:[1-9]\d{4,}$/);
    },
    from: 'USER 10001:10001',
    to: 'USER node',
  },
  {
    says: 'what it runs in the end needs no shell',
    check(parsed) {
      for (const keyword of ['CMD', 'ENTRYPOINT', 'HEALTHCHECK']) {
        const all = parsed.getInstructions().filter(each => each.getKeyword() === keyword);
        assert.equal(all.length, 1, keyword);
        assert.match(all[0]?.getArgumentsContent() ?? '', /(?:^|CMD )\["node"|^\["serve"/);
      }
    },
    from: 'CMD ["serve", "--http"]',
    to: 'CMD serve --http',
  },
  {
    says: 'it takes files from the sources and from stages that there are',
    check(parsed) {
      const stages = parsed.getFROMs().map(from => from.getBuildStage());
      assert.ok(parsed.getInstructions().every(each => each.getKeyword() !== 'ADD'));
      for (const copy of parsed.getCOPYs()) {
        const from = copy.getFromFlag()?.getValue();
        assert.ok(from === undefined || stages.includes(from), from ?? '');
      }
    },
    from: 'COPY --from=build',
    to: 'COPY --from=built',
  },
  {
    says: 'no secret is in a variable of it',
    check(parsed) {
      for (const each of parsed.getInstructions()) {
        if (/^(?:ENV|ARG)$/.test(each.getKeyword())) {
          assert.doesNotMatch(each.getArgumentsContent() ?? '', /PASSWORD|SECRET|TOKEN|KEY|DATABASE/);
        }
      }
    },
    from: 'ENV HOME=/tmp',
    to: 'ENV DATABASE_URL=postgres://x',
  },
  {
    says: 'what packages bring runs nothing while they are installed',
    check(parsed) {
      const installs = parsed
        .getInstructions()
        .map(each => each.getArgumentsContent() ?? '')
        .filter(text => /^npm (?:ci|install|pack)\b/.test(text));
      assert.equal(installs.length, 3);
      for (const text of installs) assert.match(text, / --ignore-scripts /);
    },
    from: 'npm ci --ignore-scripts',
    to: 'npm ci',
  },
];

describe('deploy/Dockerfile', () => {
  it('is one that a linter has nothing to say of', () => {
    assert.deepEqual(lint(dockerfile), []);
    assert.notDeepEqual(lint(dockerfile.replace('WORKDIR /src', 'WORKDIR src')), []);
    assert.notDeepEqual(lint(dockerfile.replace('EXPOSE 8770', 'EXPOSED 8770')), []);
    assert.notDeepEqual(lint(dockerfile.replace('--interval=15s', '--intervals=15s')), []);
  });

  for (const { says, check, from, to } of rules) {
    it(`keeps to this rule: ${says}`, () => {
      check(DockerfileParser.parse(dockerfile));
      assert.ok(dockerfile.includes(from), from);
      assert.throws(() => {
        check(DockerfileParser.parse(dockerfile.replace(from, to)));
      }, assert.AssertionError);
    });
  }
});
