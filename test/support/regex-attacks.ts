// Builds texts that keep a backtracking engine busy with a given pattern: what each repetition repeats, over and over, and then a miss.

/** What of a pattern can be repeated without end: a text that leads there, and texts that go round once. */
interface Loop {
  readonly lead: string;
  readonly rounds: readonly string[];
}

const candidates = [
  ...'aZ0 _-./:;,=@%&?!"\'`\\<>(){}[]#+*|~^$\t\n\r\0',
  'é',
  'あ',
  '漢',
  '한',
  '　',
  '\u200b',
  '\u0301',
  '😀',
  '\ud800',
  '１',
  'ａ',
];

export function attacksOn(source: string, flags: string, length: number): string[] {
  const loops = loopsIn(source, flags);
  if (loops.length === 0) return []; // each try is bounded, so all of them are linear
  const leads = new Set(loops.flatMap(({ lead }) => [lead, ...lead.split(/(?<=.)/su).slice(0, 1)]));
  const pieces = new Set<string>(['a', '0', ' ', '\n', '.', '-', '"', '\\', '/', '<', '=']);
  for (const lead of leads) if (lead !== '') pieces.add(lead.slice(-200));
  for (const { lead, rounds } of loops)
    for (const round of rounds) {
      pieces.add(round);
      pieces.add(lead.slice(-200) + round);
    }
  const endings = ['', '\0!', '\n'];
  const texts: string[] = [];
  for (const piece of pieces) {
    if (piece === '') continue;
    const body = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    texts.push(body + endings[1]!);
  }
  for (const { lead, rounds } of loops)
    for (const round of rounds)
      if (round !== '' && lead !== '')
        for (const ending of endings.slice(1))
          texts.push(lead + round.repeat(Math.ceil(length / round.length)).slice(0, length) + ending);
  return texts;
}

/** Reads a pattern as far as samples need it: a text that it matches, more or less, and its loops. */
function loopsIn(source: string, flags: string): Loop[] {
  const loops: Loop[] = [];
  const classFlags = flags.replace(/[gyd]/g, '');
  let at = 0;
  const sampleOf = (atom: string): string[] => {
    let pattern: RegExp;
    try {
      pattern = new RegExp(`^(?:${atom})$`, classFlags);
    } catch {
      return ['a'];
    }
    const fitting = candidates.filter((each) => pattern.test(each));
    return fitting.length === 0 ? ['a'] : [fitting[0]!, ...(fitting.length > 1 ? [fitting.at(-1)!] : [])];
  };

  /** @returns samples of the alternatives */
  function alternatives(lead: string): string[] {
    const samples = [sequence(lead)];
    while (source[at] === '|') {
      at++;
      samples.push(sequence(lead));
    }
    return samples.slice(0, 6);
  }

  function sequence(lead: string): string {
    let sample = '';
    while (at < source.length && source[at] !== '|' && source[at] !== ')') sample += quantified(lead + sample);
    return sample;
  }

  function quantified(lead: string): string {
    const samples = atom(lead);
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at))?.[0];
    if (quantifier === undefined) return samples[0] ?? '';
    at += quantifier.length;
    const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(quantifier) ?? [];
    const unbounded = /^[*+]/.test(quantifier) || (comma === ',' && (most === '' || Number(most) > 50));
    const rounds = [...new Set([...samples, samples.join('')])].filter((each) => each !== '');
    if (unbounded && rounds.length > 0) loops.push({ lead, rounds: rounds.slice(0, 6) });
    return (samples[0] ?? '').repeat(
      least === undefined
        ? quantifier.startsWith('+')
          ? 1
          : quantifier.startsWith('?') || quantifier.startsWith('*')
            ? 0
            : 1
        : Math.min(Number(least), 64),
    );
  }

  function atom(lead: string): string[] {
    const sign = source[at]!;
    if (sign === '(') {
      const head = /^\((?:\?(?:[:=!]|<[=!]|<[^>]+>))?/.exec(source.slice(at))![0];
      at += head.length;
      const samples = alternatives(lead);
      at++;
      return /^\(\?<?[=!]/.test(head) ? [''] : samples;
    }
    if (sign === '[') {
      const from = at;
      for (at++; source[at] !== ']'; at++) if (source[at] === '\\') at++;
      at++;
      return sampleOf(source.slice(from, at));
    }
    if (sign === '^' || sign === '$') {
      at++;
      return [''];
    }
    if (sign === '\\') {
      const escape = /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|c[A-Z]|.)/s.exec(
        source.slice(at),
      )![0];
      at += escape.length;
      return /^\\[bBk1-9]/.test(escape) ? [''] : sampleOf(escape);
    }
    const point = String.fromCodePoint(source.codePointAt(at)!);
    at += point.length;
    return point === '.' ? ['a'] : [point];
  }

  alternatives('');
  return loops;
}
