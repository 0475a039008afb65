// What the demo prints: one line a step, with a tick or a cross, and the count at the end.

export interface Transcript {
  heading(text: string): void;
  /** Runs a step. What it resolves with is printed as its proof; what it throws as the reason of its failure. Resolves with whether it held. */
  step(title: string, work: () => Promise<string>): Promise<boolean>;
  readonly held: number;
  readonly failed: number;
}

/**
 * @param write receives finished lines
 * @param colour whether the reader is a terminal
 */
export function createTranscript(write: (text: string) => void, colour: boolean): Transcript {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const counts = { held: 0, failed: 0 };
  return {
    get held() {
      return counts.held;
    },
    get failed() {
      return counts.failed;
    },
    heading: (text) => write(`\n${paint(1, text)}\n`),
    async step(title, work) {
      const startMs = performance.now();
      try {
        const proof = await work();
        counts.held += 1;
        write(`  ${paint(32, '✓')} ${title} ${paint(2, `(${Math.round(performance.now() - startMs)} ms)`)}\n`);
        write(indented(proof, (line) => paint(2, line)));
        return true;
      } catch (error) {
        counts.failed += 1;
        write(`  ${paint(31, '✗')} ${title}\n`);
        write(indented(error instanceof Error ? error.message : String(error), (line) => line));
        return false;
      }
    },
  };
}

const lineWidth = 110;

/** Breaks lines between words and indents them below the title of their step. */
function indented(text: string, paint: (line: string) => string): string {
  const lines = text.split('\n').flatMap((line) => {
    const rows = [''];
    for (const word of line.split(' ')) {
      const row = rows.at(-1)!;
      if (row !== '' && row.length + word.length >= lineWidth) rows.push(word);
      else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
    }
    return rows;
  });
  return lines.map((line) => `      ${paint(line)}\n`).join('');
}
