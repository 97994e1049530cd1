import { join } from 'node:path';
import { installPinned, pinnedDirectory, type PinnedPackage } from './pinned.ts';

const pinned: PinnedPackage = {
  name: '@anthropic-ai/claude-code',
  version: '2.1.332',
  integrity: {
    '@anthropic-ai/claude-code':
      'sha512-tvSh6bLvEbd97APD31AnojOrRC3AmcRj5R8sF8QIQitu3x2ucOb1kKmTkGDw41kjva+CGJfpkt+wYouk6yv56Q==',
    '@anthropic-ai/claude-code-linux-x64':
      'sha512-f4JWhzwYutJIHScC7/dYOPX6s28tt7ZADhsOi8zwOHq5fFPEuUeChh2NMfinSg0GrUckYxaeebC4h0DqiKzLcw==',
  },
};

/** Claude Code's program for Linux on x64, which {@link installClaudeCode} has put there: 384 MB. */
export const claudeCode = join(
  pinnedDirectory(pinned),
  'node_modules',
  '@anthropic-ai',
  'claude-code-linux-x64',
  'claude',
);

/**
 * Installs Claude Code, where it is not there yet.
 * @throws Error where it cannot be had
 */
export function installClaudeCode(): void {
  installPinned(pinned);
}
