import { readFileSync } from 'node:fs';
import process from 'node:process';

// Loaded before a process of ours: its clock is ahead by as many milliseconds as a file says, which a test writes.
const file = process.env['CLOCK_AHEAD_FILE'] ?? '';
const RightDate = Date;
const now = () => RightDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class extends RightDate {
  constructor(...given: [] | [number | string | Date]) {
    super(given.length > 0 ? given[0]! : now());
  }

  static override now(): number {
    return now();
  }
} as DateConstructor;
