import type { Kept } from './measured.ts';

// Loaded before a server that is measured, to say what it keeps when its parent asks.
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const kept: Kept = { heap: heapUsed / 1024 ** 2, resident: rss / 1024 ** 2 };
  process.send?.(kept);
});
// The parent ends it, and not the end of what it says.
process.channel?.unref();
