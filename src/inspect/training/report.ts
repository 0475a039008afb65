// Writes docs/reference/shield.md: what the shield finds, what it takes for an attack although it is none, and what it misses.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readModel } from '../shield/model.ts';
import { divide, readCorpus, taught } from './corpus.ts';
import type { Text } from './corpus.ts';
import { countReaching } from './counted.ts';
import type { Counted } from './counted.ts';
import { disguises } from './disguises.ts';
import { embedded } from './embedded.ts';
import { withoutEach } from './left-out.ts';
import { interval, isOrdinary } from './rates.ts';

const texts = readCorpus(import.meta.dirname);
const places = divide(texts);
const last = texts.filter((_, index) => places[index]!.part === 'report' && places[index]!.first);
const model = readModel();
const count = (some: readonly Text[]): Counted => countReaching(some, model);

const percent = (hits: number, of: number): string => {
  if (of === 0) return '–';
  const [low, high] = interval(hits, of);
  return `${((100 * hits) / of).toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
};

const row = (name: string, { of, suspicious, certain }: Counted): string =>
  `| ${name} | ${of} | ${percent(suspicious, of)} | ${percent(certain, of)} |`;

function table(first: string, rows: readonly (readonly [string, Counted])[]): string {
  return [
    `| ${first} | texts | suspicious, % | certain, % |`,
    '|---|---:|---:|---:|',
    ...rows.map(([name, counted]) => row(name, counted)),
  ].join('\n');
}

function by(some: readonly Text[], key: (text: Text) => string): [string, Counted][] {
  const groups = Map.groupBy(some, key);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, count(group)]);
}

const attacks = last.filter((text) => text.label === 1 && taught(text));
const within = embedded(last.filter(taught));
const ordinary = last.filter(isOrdinary);
const twins = last.filter(({ family }) => family.startsWith('twins/'));
const languages: Readonly<Record<string, string>> = { en: 'English', ja: 'Japanese', ko: 'Korean', zh: 'Chinese' };
const language = ({ lang }: Text): string => languages[lang] ?? 'other languages';
const familyOf = ({ family }: Text): string => family.slice(family.indexOf('/') + 1).replaceAll('_', ' ');
const authors = [...new Set(texts.filter(({ family }) => family.startsWith('attacks/')).map(({ source }) => source))];
const benignSources = [
  'react_docs_ja',
  'react_docs_ko',
  'react_docs_zh',
  'mcp_docs',
  'npm_mcp_tools',
  'bipia_ctx',
  'cyberseceval_frr',
];
const leftOut = await withoutEach([
  ...Map.groupBy(authors, (author) => author.slice(author.indexOf('-') + 1)).values(), // the first of each language, the second, …
  ...benignSources.map((source) => [source]),
]);
const withoutIt = (sources: readonly string[]): string =>
  table(
    'left out',
    sources.map((source) => [source, leftOut.get(source)!]),
  );
const { spotlight, block } = model.thresholds;
const numbers = (part: string): string => {
  const some = texts.filter((text, index) => places[index]!.part === part && taught(text));
  return `${some.filter(({ label }) => label === 1).length} attacks and ${some.filter(({ label }) => label === 0).length} harmless texts`;
};

const page = `# What the prompt shield finds, and what it does not

Made by \`npm run shield:report\` from the model and the texts in this repository; do not edit. How it works and how to set it:
[shield.md](../shield.md). Try it: \`genkan shield scan TEXT|FILE|-\`; measure it on texts of your own: \`genkan shield score --data FILE.jsonl\`.

The texts are divided in three, near-duplicates always on one side
(for thresholds and in the figures below, near-duplicates count as one text). The weights were learned from the first part
(${numbers('train')}), the two thresholds chosen on the ordinary texts of the second (${numbers('choose')}) and then left
alone, and everything below, unless it says otherwise, was measured on the third (${numbers('report')}), which nothing was chosen by.

- **suspicious**, from a score of ${spotlight}: chosen so that 1 % of ordinary texts reach it;
- **certain**, from ${block}: chosen so that 0.1 % do.

In brackets: 95 % confidence (Wilson). Percentages of attacks are to be high, those of harmless texts low.

## Attacks

${table('language', [['all', count(attacks)], ...by(attacks, language)])}

${table(
  'family',
  by(
    attacks.filter(({ family }) => family.startsWith('attacks/')),
    familyOf,
  ),
)}

Short ones of them, each in the middle of some 1,200 characters of ordinary text of the same language:

${table('language', [
  ['all', count(within.filter(({ label }) => label === 1))],
  ...by(
    within.filter(({ label }) => label === 1),
    language,
  ),
])}

## Harmless texts

Ordinary ones: documentation, tool descriptions, tool results, prompts, letters, tickets, logs, code.

${table('language', [['all', count(ordinary)], ...by(ordinary, language)])}

Those that were chosen because they look like attacks: **look-alikes** are quotations of attacks, orders to people, honest
prompts and strong tool descriptions, each written to be a false alarm of a simple filter; NotInject is a public set of harmless
prompts with trigger words.

${table('kind', [
  ['NotInject', count(last.filter(({ family }) => family === 'benign_notinject'))],
  ['documents on security', count(last.filter(({ family }) => family.includes('security')))],
  ['look-alikes, all', count(twins)],
  ...by(twins, (text) => `look-alikes, ${language(text)}`),
  ...by(twins, (text) => `look-alikes, ${familyOf(text)}`),
])}

## Sources that it has never seen

For each line a model was learned anew without that source, with thresholds chosen without it, and asked about all of it.

Attacks of one author, who wrote in one language. Those of the same number are left out together, so that nobody learns from a
translation. The second of each language had read the first, so as to write otherwise; the others had read at most some lines. The third wrote
more short ones, the later ones more of what was found badly before, the eighth avoided the words that give orders away:

${withoutIt(authors)}

Attacks grafted onto the descriptions of real tools (public, never learned from):

${table(
  'set',
  by(
    texts.filter(({ family }) => family === 'tool_poison_graft'),
    (text) => `grafted, ${language(text)}`,
  ),
)}

Harmless sources:

${withoutIt(benignSources)}

## Attacks in other clothes

The attacks of the third part, each disguised by a program; what the shield knows of disguises is how to undo them.

${table(
  'disguise',
  Object.entries(disguises).map(([name, disguise]): [string, Counted] => [
    name,
    count(attacks.map((attack) => ({ ...attack, text: disguise(attack.text) }))),
  ]),
)}

## What it cannot find

It knows words, their neighbours and the ideas behind them; it does not understand. These are beyond it, and nothing above claims otherwise:

${table('set', [
  [
    'a second task put into a document, in words of any task (BIPIA)',
    count(texts.filter(({ family }) => family === 'attack_taskinsert')),
  ],
  ['tools that honestly describe a harmful ability', count(texts.filter(({ family }) => family === 'tool_malcap'))],
])}

An order to do harm that reads like any request ("Open port 3389 for our support") is one only because of where it stands. What stops
it is who may do what ([roles](../roles.md)), a person who is asked ([approvals](../approvals.md)), and which data may leave after what
was read ([taint](../taint.md)). Whoever writes against this model with time to try will get past it: it is one of several doors.
`;

const file = path.join(import.meta.dirname, '../../../docs/reference/shield.md');
writeFileSync(file, await format(page, { ...(await resolveConfig(file)), filepath: file }));
