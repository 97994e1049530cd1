import process from 'node:process';

// Loaded before the tenant: its clock is wrong by so many milliseconds, and that of this machine is not.
const shift = Number(process.env['TENANT_CLOCK_SHIFT']);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given: [] | [number | string | Date]) {
    super(given.length > 0 ? given[0]! : RightDate.now() + shift);
  }

  static override now(): number {
    return RightDate.now() + shift;
  }
} as DateConstructor;
