import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import { writeExportFile } from '../../../src/terminal/transfer/exportFile.ts';
import { useDirectory } from '../../auth/fixtures.ts';
import { describeNeeds } from '../../needs.ts';

async function* chunks(): AsyncGenerator<string> {
  yield '{}\n';
}

describeNeeds(['a POSIX system'], 'the file of an export', () => {
  const directory = useDirectory();

  it('never takes the place of a device or a pipe, nor of a link to one, also with --force', async () => {
    const pipe = join(directory.path, 'pipe');
    const link = join(directory.path, 'link');
    const device = join(directory.path, 'device');
    execFileSync('mkfifo', [pipe]);
    symlinkSync(pipe, link);
    symlinkSync('/dev/null', device);
    const before = [pipe, link, device].map(path => lstatSync(path).ino);
    for (const path of [pipe, link, device]) {
      for (const force of [false, true]) {
        await assert.rejects(writeExportFile(path, chunks(), { force }), error => {
          assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
          assert.match(error.message, /is a device or a pipe, and was left as it is.*redirect the output/);
          return true;
        });
      }
    }
    assert.deepEqual(
      [pipe, link, device].map(path => lstatSync(path).ino),
      before,
    );
    assert.deepEqual(readdirSync(directory.path).sort(), ['device', 'link', 'pipe']);
  });

  it('takes the place of a link that leads nowhere, where it may', async () => {
    const link = join(directory.path, 'link');
    symlinkSync(join(directory.path, 'nowhere'), link);
    await assert.rejects(writeExportFile(link, chunks()), /is there already/);
    await writeExportFile(link, chunks(), { force: true });
    assert.ok(lstatSync(link).isFile());
  });
});
