// Durations as people write them in policies: ISO 8601 (`PT8H`, `P90D`) as Azure does, or a number and a unit (`90d`).

const unitMs = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
const iso = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const short = /^(\d+)([wdhms])$/;

/**
 * Reads a duration. Years and months are none: how long they last depends on the calendar.
 * @returns milliseconds, at least 1 and at most ten years; undefined for anything else
 */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = short.exec(text) ?? [];
  const parts = iso.exec(text)?.slice(1);
  const ms =
    parts === undefined
      ? Number(amount) * unitMs[(unit ?? 's') as keyof typeof unitMs]
      : Object.values(unitMs).reduce((sum, each, at) => sum + Number(parts[at] ?? 0) * each, 0);
  return ms >= 1 && ms <= 3650 * unitMs.d ? ms : undefined;
}

/** Writes a duration as ISO 8601, e.g. `PT1H30M`; parts of a second are left out. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000)) * 1000;
  const take = (unit: Exclude<keyof typeof unitMs, 'w'>): string => {
    const amount = Math.floor(rest / unitMs[unit]);
    rest -= amount * unitMs[unit];
    return amount === 0 ? '' : `${amount}${unit.toUpperCase()}`;
  };
  const [days, time] = [take('d'), `${take('h')}${take('m')}${take('s')}`];
  if (days + time === '') return 'PT0S';
  return `P${days}${time === '' ? '' : `T${time}`}`;
}
