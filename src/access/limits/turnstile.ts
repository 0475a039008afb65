// Lets so many through at once; the others wait in line, where no time runs against whoever answers.

export interface Turnstile {
  /** @throws Error when the line is full */
  pass<Value>(work: () => Promise<Value>): Promise<Value>;
}

export function createTurnstile(width: number, longestLine: number): Turnstile {
  const line: (() => void)[] = [];
  let next = 0;
  let inside = 0;
  return {
    async pass(work) {
      if (inside >= width) {
        if (line.length - next >= longestLine) throw new Error('too many wait');
        await new Promise<void>((resolve) => line.push(resolve));
      } else inside++;
      try {
        return await work();
      } finally {
        const first = line[next];
        if (first === undefined) inside--;
        else {
          next++;
          first();
        }
        if (next > 1024 && next * 2 > line.length) (line.splice(0, next), (next = 0));
      }
    },
  };
}
