// Bounds the work of one check. Schema and arguments both come from outside, and together they can ask for any amount of it.

export interface Meter {
  /** @throws MeterExhausted when the check has used up its steps */
  spend(steps: number): void;
  refill(): void;
}

export class MeterExhausted extends Error {}

/** @param steps of one check; a step is up to 200 ns of work */
export function createMeter(steps: number): Meter {
  let left = steps;
  return {
    spend(used) {
      left -= used;
      if (left < 0) throw new MeterExhausted();
    },
    refill() {
      left = steps;
    },
  };
}
