import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf } from '../common/errors.ts';
import { parse } from 'dotenv';

/** A `.env` file that was read, once: what is hashed is what is used. */
export interface EnvFile {
  readonly kind: 'file';
  /** Absolute, and without links. */
  readonly path: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly values: Partial<Record<string, string>>;
  /** Whether every user of this machine may write to it. */
  readonly isOpen: boolean;
}

/** What there is at the path of a `.env`: a file that was read, nothing, or what could not be read. */
export type FoundEnvFile =
  | EnvFile
  | { readonly kind: 'none' }
  /** There is something, but it was not read; `why` is for people. */
  | { readonly kind: 'unread'; readonly why: string };

/** The largest file (bytes) that is read. */
const largest = 64 * 1024;

/**
 * Reads a `.env` file, where it is a regular one of at most 64 kB. Whatever else is there,
 * for example a FIFO, does not keep anybody waiting.
 */
export async function readEnvFile(path: string): Promise<FoundEnvFile> {
  let file: FileHandle;
  try {
    // Windows has neither flag, nor what they are for.
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants as Partial<typeof constants>;
    file = await open(path, (O_RDONLY ?? 0) | (O_NONBLOCK ?? 0) | (O_NOCTTY ?? 0));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'none' };
    // A socket cannot even be opened.
    return { kind: 'unread', why: code === 'ENXIO' ? noFile() : l10n.t('it cannot be read ({0})', code) };
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return { kind: 'unread', why: noFile() };
    const bytes = await readUpTo(file, largest + 1);
    if (bytes.length > largest) return { kind: 'unread', why: l10n.t('it is larger than 64 kB') };
    return {
      kind: 'file',
      path: await realpath(path).catch(() => path),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      values: parse(decode(bytes)),
      isOpen: process.getuid !== undefined && (found.mode & 0o002) !== 0,
    };
  } catch (error) {
    return { kind: 'unread', why: l10n.t('it cannot be read ({0})', codeOf(error)) };
  } finally {
    await file.close();
  }
}

/** By what there is to read, not by the size the file claims to have: it may grow meanwhile. */
async function readUpTo(file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let end = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, end, length - end);
    end += bytesRead;
    if (bytesRead === 0 || end === length) return buffer.subarray(0, end);
  }
}

/** On Windows editors begin such a file with a byte order mark, and PowerShell's ">" writes UTF-16. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

function noFile(): string {
  return l10n.t('it is no regular file');
}
