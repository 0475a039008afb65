// The plainest orders to an assistant, put together from parts: what everybody writes first, and writers of varied texts avoid.
import type { Text } from './corpus.ts';
import { hash } from './corpus.ts';
import { orderParts } from './plain-order-parts.ts';

const each = 1000;
const accountsEach = 60;

/** Deterministic; the same parts stand in many, so all of them train and none is reported. */
export function plainOrders(): readonly Text[] {
  return Object.entries(orderParts).flatMap(([lang, { calls, overrides, acts, secrecies, accounts, space, and }]) => {
    const order = (seed: string): string => {
      const pick = (from: readonly string[], what: string): string => {
        // What has many forms is said more often.
        const weighed = from.flatMap((part) => (part.includes('{') ? [part, part, part] : [part]));
        const picked = weighed[hash(`${seed} ${what}`) % weighed.length]!;
        return picked.replace(/\{([^}]*)\}/g, (_, some: string, at: number) => {
          const ways = some.split('|');
          return ways[hash(`${seed} ${what} ${at}`) % ways.length]!;
        });
      };
      const shape = hash(`${seed} shape`) % 5;
      const override = shape === 3 ? '' : pick(overrides, 'override');
      const act = shape === 4 ? '' : pick(acts, 'act');
      const said = [override, act, pick(secrecies, 'secrecy')].filter((part) => part !== '');
      const joined = hash(`${seed} joined`) % 3 === 0;
      const sentences = joined ? said.map((sentence) => sentence.replace(/[.。]$/, '')) : said;
      return pick(calls, 'call') + sentences.join(joined ? and : space);
    };
    const row = (label: 0 | 1, family: string, index: number, text: string): Text => ({
      id: `${lang}-plain-${family}-${index}`,
      lang,
      label,
      family: `plain/${family}`,
      source: `${lang}-plain`,
      text,
      spans: [],
    });
    return [
      ...Array.from({ length: each }, (_, index) => row(1, 'order', index, order(`${lang} ${index}`))),
      ...Array.from({ length: accountsEach }, (_, index) => {
        const about = accounts[index % accounts.length]!;
        return row(0, 'account', index, about.replace('◇', order(`${lang} account ${index}`).trim()));
      }),
    ];
  });
}
