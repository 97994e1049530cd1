import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Need } from '../needs.ts';

/** The other user of this machine that the tests play; they run as root. */
export const stranger = 65_534;

/** What somebody may have put in a place of ours. */
interface Plant {
  plant(path: string): void;
  /** What the refusal says. */
  readonly says: RegExp;
  readonly needs: readonly Need[];
}

/** What another user of this machine may have put where a directory of ours is to be. */
export const plantedDirectories: Record<string, Plant> = {
  'somebody else’s directory': {
    plant(path) {
      mkdirSync(path, { mode: 0o700 });
      chownSync(path, stranger, stranger);
    },
    says: /belongs to another user.*sudo chown -R "\$\(id -u\)" /s,
    needs: ['root'],
  },
  'a link to somebody else’s directory': {
    plant(path) {
      mkdirSync(`${path}-theirs`, { mode: 0o700 });
      chownSync(`${path}-theirs`, stranger, stranger);
      symlinkSync(`${path}-theirs`, path);
    },
    says: /is a link.*rm /s,
    needs: ['root'],
  },
  'a link to a directory of one’s own': {
    plant(path) {
      mkdirSync(`${path}-own`, { mode: 0o700 });
      symlinkSync(`${path}-own`, path);
    },
    says: /is a link.*rm /s,
    needs: ['a POSIX system'],
  },
  'a link to nothing': {
    plant(path) {
      symlinkSync(`${path}-missing`, path);
    },
    says: /is a link.*rm /s,
    needs: ['a POSIX system'],
  },
  'a directory that its group can write into': {
    plant(path) {
      mkdirSync(path);
      chmodSync(path, 0o770);
    },
    says: /Other users .* can write into .*chmod 700 /s,
    needs: ['a POSIX system'],
  },
  'a directory that all can write into': {
    plant(path) {
      mkdirSync(path);
      chmodSync(path, 0o777);
    },
    says: /Other users .* can write into .*chmod 700 /s,
    needs: ['a POSIX system'],
  },
  'a directory that is meant for all, as /tmp is': {
    plant(path) {
      mkdirSync(path);
      chmodSync(path, 0o1777);
    },
    says: /^(?!.*chmod).*is a directory for all users.*OMNISPINDLE_DATA_DIR/s,
    needs: ['a POSIX system'],
  },
  'a file': {
    plant(path) {
      writeFileSync(path, '');
    },
    says: /is not a directory\. Move it away/,
    needs: ['a POSIX system'],
  },
};

/** What another user may have made of a file of ours, at its place. */
export const plantedFiles: Record<string, Plant> = {
  'a link to it': {
    plant(path) {
      renameSync(path, `${path}-elsewhere`);
      symlinkSync(`${path}-elsewhere`, path);
    },
    says: /is a link.*rm /s,
    needs: ['a POSIX system'],
  },
  'a file with a second name': {
    plant(path) {
      linkSync(path, `${path}-elsewhere`);
    },
    says: /has a second name.*cp -p /s,
    needs: ['a POSIX system'],
  },
  'somebody else’s file': {
    plant(path) {
      chownSync(path, stranger, stranger);
    },
    says: /belongs to another user.*sudo chown "\$\(id -u\)" /s,
    needs: ['root'],
  },
  'a file that its group can write': {
    plant(path) {
      chmodSync(path, 0o660);
    },
    says: /Other users .* can write into .*chmod 600 /s,
    needs: ['a POSIX system'],
  },
  'a pipe that nobody writes to': {
    plant(path) {
      renameSync(path, `${path}-elsewhere`);
      execFileSync('mkfifo', ['-m', '600', path]);
    },
    says: /is not a regular file.*rm /s,
    needs: ['Linux'],
  },
  'a file without end': {
    plant(path) {
      execFileSync('truncate', ['-s', '100G', path]);
    },
    says: /is larger than \d+ bytes/,
    needs: ['Linux'],
  },
};
