// Twenty thousand messages from a seeded generator: parsing never throws, and never accepts a repeated name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../base/errors.ts';
import { parseMessage } from './parse.ts';

const limits = { maxBytes: 1 << 16, maxDepth: 16 };

/** Mulberry32: small, seeded, good enough to choose between branches. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Writes random JSON, and notes the names it used and whether some object repeats one. */
function writer(random: (below: number) => number) {
  const choice = ['a', 'b', 'name', '__proto__', '', '1', 'é', '"', '\\', '\\u0', ':', '😀', 'nb'];
  const names: string[] = [];
  let repeats = false;
  const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const spell = (name: string): string =>
    random(4) > 0 ? JSON.stringify(name) : `"${name.split('').map(hex).join('')}"`;
  const value = (depth: number): string => {
    const kind = random(depth > 4 ? 4 : 6);
    if (kind === 0) return String(random(1000) - 500);
    if (kind === 1) return ['true', 'false', 'null'][random(3)]!;
    if (kind < 4) return spell(choice[random(choice.length)]! + ['', ':', '{', '\\"', '}}}'][random(5)]!);
    const blank = ['', ' ', '\n\t'][random(3)]!;
    if (kind === 4) return `[${Array.from({ length: random(4) }, () => value(depth + 1)).join(`${blank},`)}]`;
    return object(depth);
  };
  const object = (depth: number): string => {
    const used = Array.from({ length: random(5) }, () => choice[random(choice.length)]!);
    names.push(...used);
    if (new Set(used).size < used.length) repeats = true;
    return `{${used.map((name) => `${spell(name)}:${value(depth + 1)}`).join(',')}}`;
  };
  const text = object(0);
  return { text, names, repeats };
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(namesIn)];
}

test('accepts no call in which an object repeats a name, and reads the names of the others as they were written', () => {
  const random = generator(20_260_728);
  const outcomes = { accepted: 0, repeated: 0, uncertain: 0 };
  for (let round = 0; round < 10_000; round++) {
    const { text, names, repeats } = writer(random);
    const message = parseMessage(
      Buffer.from(`{"jsonrpc":"2.0","id":${round},"method":"m","params":{"x":${text}}}`),
      limits,
    );
    if (isRefusal(message)) {
      outcomes[repeats ? 'repeated' : 'uncertain']++;
      continue;
    }
    outcomes.accepted++;
    assert.ok(!repeats && message.kind === 'request', text);
    assert.deepEqual(namesIn(message.params['x']).sort(), names.sort(), text);
  }
  assert.ok(outcomes.accepted > 2000 && outcomes.repeated > 1000, JSON.stringify(outcomes));
  assert.ok(outcomes.uncertain < outcomes.accepted / 10, JSON.stringify(outcomes));
});

test('never throws on damaged messages, and accepts only what JSON.parse accepts', () => {
  const random = generator(42);
  for (let round = 0; round < 10_000; round++) {
    const raw = Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"m","params":${writer(random).text}}`);
    for (let damage = random(3) + 1; damage > 0; damage--) raw[random(raw.length)] = random(256);
    const cut = raw.subarray(0, random(4) > 0 ? raw.length : random(raw.length));
    const message = parseMessage(cut, limits);
    if (!isRefusal(message)) assert.doesNotThrow(() => JSON.parse(cut.toString()));
  }
});
