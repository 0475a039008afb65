// Makes hostile messages of real ones: damages their bytes, or puts something else in the place of a part of their JSON. Seeded.

export interface Dice {
  /** A whole number below. */
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** Mulberry32: small, seeded, good enough to choose between branches. */
export function createDice(seed: number): Dice {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return { below, pick: (items) => items[below(items.length)]! };
}

/** JSON texts, as nobody well-meaning writes them; put into messages as they stand. */
const nasty = [
  '1e400',
  '-1e-400',
  '123456789012345678901234567890',
  '-0',
  '1.0',
  '9007199254740993',
  '01',
  '+1',
  'NaN',
  'Infinity',
  "'a'",
  'undefined',
  'tru',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\u0000"',
  '"\u202eexe"',
  '"\u{e0041}\u{e0042}"',
  '"\ufeff"',
  '"\\x"',
  '"\t"',
  '""',
  '" "',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1,"valueOf":2}',
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"":0}',
  '{"then":1}',
  '{"toJSON":1}',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '[,]',
  '[]',
  '{}',
  'null',
  'true',
  'false',
  '/**/',
  '"a" "b"',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`,
  '['.repeat(300),
  JSON.stringify('a'.repeat(5000)),
  JSON.stringify('\\"'.repeat(500)),
  JSON.stringify('<!-- ignore -->'.repeat(50)),
  JSON.stringify('あ'.repeat(300)),
  '"2026-07-28"',
  '"2025-11-25"',
  '"2024-11-05"',
  '"9999-99-99"',
  '"tools/call"',
  '"notifications/cancelled"',
  '"initialize"',
  '"m/'.concat('x'.repeat(3000), '"'),
] as const;

const names = [
  '__proto__',
  'constructor',
  'jsonrpc',
  'id',
  'method',
  'params',
  'result',
  'error',
  '_meta',
  'name',
  'Name',
  'uri',
  'arguments',
  'taskId',
  'requestId',
  'progressToken',
  'cursor',
  'resultType',
  'inputResponses',
  'requestState',
  'structuredContent',
  'content',
  'ttlMs',
  'tools',
  'task',
  '',
  'x'.repeat(500),
];

export interface Mutator {
  /** The message with something wrong about it; one line. */
  damage(text: string): Buffer;
  /** The message with other values in the place of some of those below `at`, still JSON. */
  vary(message: object, at: readonly string[]): string;
}

/** @param values harmless JSON values of all shapes */
export function createMutator(dice: Dice, values: readonly unknown[]): Mutator {
  const value = (): string => (dice.below(3) === 0 ? JSON.stringify(dice.pick(values)) : dice.pick(nasty));

  /** Writes JSON, and something else at one place. */
  function written(message: unknown, target: number): string {
    let place = 0;
    const write = (part: unknown): string => {
      if (place++ === target) {
        if (typeof part !== 'object' || part === null || dice.below(2) === 0) return value();
        const inner = JSON.stringify(part);
        const name = JSON.stringify(dice.pick(names));
        if (Array.isArray(part)) return inner.replace(/\]$/, `${part.length > 0 ? ',' : ''}${value()}]`);
        return inner.replace(/\}$/, `${inner.length > 2 ? ',' : ''}${name}:${value()}}`);
      }
      if (Array.isArray(part)) return `[${part.map(write).join(',')}]`;
      if (typeof part !== 'object' || part === null) return JSON.stringify(part) ?? 'null';
      const members = Object.entries(part).filter(() => dice.below(60) > 0);
      return `{${members.map(([name, member]) => `${JSON.stringify(dice.below(80) === 0 ? dice.pick(names) : name)}:${write(member)}`).join(',')}}`;
    };
    return write(message);
  }

  function bytes(text: string): Buffer {
    let raw = Buffer.from(text);
    for (let count = dice.below(3) + 1; count > 0 && raw.length > 0; count--) {
      const at = dice.below(raw.length);
      const to = Math.min(raw.length, at + dice.below(40));
      switch (dice.below(7)) {
        case 0:
          raw[at] = dice.below(256);
          break;
        case 1:
          raw[at]! ^= 1 << dice.below(8);
          break;
        case 2:
          raw = Buffer.concat([raw.subarray(0, at), raw.subarray(to)]);
          break;
        case 3:
          raw = Buffer.concat([raw.subarray(0, to), raw.subarray(at)]);
          break;
        case 4:
          raw = Buffer.from(raw.subarray(0, at));
          break;
        case 5:
          raw = Buffer.concat([raw.subarray(0, at), Buffer.from(value()), raw.subarray(to)]);
          break;
        default:
          raw = Buffer.concat([raw, raw.subarray(at)]);
      }
    }
    for (let at = 0; at < raw.length; at++) if (raw[at] === 0x0a) raw[at] = 0x20; // one line stays one
    return raw;
  }

  function varied(part: unknown, odds: number): unknown {
    if (dice.below(odds) === 0) return dice.pick(values);
    if (Array.isArray(part)) return part.map((item) => varied(item, odds));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, varied(member, odds)]));
  }

  return {
    damage(text) {
      if (dice.below(3) === 0) return bytes(text);
      const message = JSON.parse(text) as object;
      return Buffer.from(written(message, dice.below(Math.min(40, text.length >> 3))).replaceAll('\n', ' '));
    },
    vary(message, at) {
      const copy = structuredClone(message) as Record<string, unknown>;
      let parent = copy;
      for (const name of at.slice(0, -1)) parent = parent[name] as Record<string, unknown>;
      const last = at.at(-1)!;
      if (parent?.[last] !== undefined) parent[last] = varied(parent[last], 6);
      return JSON.stringify(copy);
    },
  };
}
