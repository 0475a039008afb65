// What looks alike: names that a reader takes for one another, and texts of which one was made from the other.

/** Letters of other scripts that cannot be told from Latin ones (Unicode TR 39, "Confusable Detection"), in lower case. */
const twins: ReadonlyMap<string, string> = new Map(
  (
    'аa ѕs сc ԁd еe һh іl јj ӏl оo рp ԛq уy хx ԝw вb кk мm нh тt гr пn ѵv ьb αa βb εe ' +
    'ηn ιl κk νv οo ρp τt υu χx ωw γy ɡg ıl ɑa ʟl օo ոn սu հh ցg զq ʋu ᴏo 0o 1l il |l'
  )
    .split(' ')
    .map((pair) => [pair[0]!, pair[1]!]),
);

/** What is left of a name for an eye that passes over it: no case, no separators, nothing that cannot be seen. */
export function skeleton(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\p{M}\p{C}\p{Z}\p{P}\p{S}\u115F\u1160\u3164\uFFA0]/gu, (unit) => (unit === '|' ? 'l' : ''));
  return Array.from(plain, (letter) => twins.get(letter) ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** Characters of a text that are compared: what follows makes no other text of it. */
const maxCompared = 16_384;
const shingle = 5;

function shinglesOf(text: string): ReadonlySet<string> {
  const shingles = new Set<string>();
  const cut = text.slice(0, maxCompared);
  for (let at = 0; at + shingle <= cut.length; at++) shingles.add(cut.slice(at, at + shingle));
  return shingles;
}

/** Of several texts the one of which most is in another; undefined when none is nearly it. Linear in the length of all. */
export function nearestText<Candidate extends { readonly text: string }>(
  text: string,
  candidates: readonly Candidate[],
  least = 0.7,
): Candidate | undefined {
  const own = shinglesOf(text);
  let best: { readonly candidate: Candidate; readonly alike: number } | undefined;
  for (const candidate of candidates) {
    const others = shinglesOf(candidate.text);
    let both = 0;
    for (const each of own) if (others.has(each)) both++;
    const alike = both / Math.max(1, own.size + others.size - both);
    if (alike >= least && alike > (best?.alike ?? 0)) best = { candidate, alike };
  }
  return best?.candidate;
}
