// A server of one family that answers what it is asked, and before each answer says things that nobody asked for and that are broken.
import { parseMessage } from '../../src/protocol/parse.ts';
import { isRefusal } from '../../src/base/errors.ts';
import type { Dice, Mutator } from './fuzz-mutations.ts';
import type { Recordings } from './fuzz-recordings.ts';

export interface FuzzServer {
  /** Takes a line that it was sent. @returns the lines that it writes, last the answer if one was due */
  hear(line: string): readonly Buffer[];
  /** Messages that it has written. */
  readonly said: number;
  /** What reached it that should not have. */
  readonly offences: readonly string[];
}

/** By which a message is known again, with a check digit, so that damage to one does not make another. */
export const mark = (count: number): string => {
  const text = count.toString(36).padStart(6, '0');
  return `mrk${text}${checkOf(text)}`;
};
export const marksIn = (text: string): string[] =>
  (text.match(/mrk[0-9a-z]{10}/g) ?? []).filter((found) => checkOf(found.slice(3, 9)) === found.slice(9));
function checkOf(text: string): string {
  let sum = 7;
  for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, 31) + text.charCodeAt(at) * 1009) >>> 0;
  return (sum % 1_679_616).toString(36).padStart(4, '0');
}

const wide = { maxBytes: 1 << 26, maxDepth: 300 };

export interface FuzzServerOptions {
  readonly recordings: Recordings;
  readonly unasked: readonly Record<string, unknown>[];
  readonly mutator: Mutator;
  readonly dice: Dice;
  /** Broken lines for each request, at most. */
  readonly noise: number;
  /** Marks of messages that nobody may be sent. */
  readonly forbidden?: ReadonlySet<string>;
}

export function createFuzzServer({
  recordings,
  unasked,
  mutator,
  dice,
  noise,
  forbidden,
}: FuzzServerOptions): FuzzServer {
  const { answered } = recordings;
  const models = [...Object.values(answered), ...unasked].map((message) => ({ ...message }));
  const offences: string[] = [];
  const server = { said: 0, offences };

  function broken(id: unknown, token: unknown): Buffer {
    const model = { ...dice.pick(models) };
    if ('id' in model && dice.below(3) > 0) model['id'] = id;
    const text = JSON.stringify(model).replace('"progressToken":1', `"progressToken":${JSON.stringify(token ?? 1)}`);
    return dice.below(4) === 0
      ? Buffer.from(mutator.vary(model, ['params' in model ? 'params' : 'result']))
      : mutator.damage(text);
  }

  function answer(id: unknown, method: string): Buffer {
    const model = answered[method];
    if (model === undefined) return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
    const own = { ...model, id };
    const keeps =
      method === 'initialize' || method === 'server/discover' || (method === 'tools/list' && dice.below(16) > 0);
    if (keeps || dice.below(2) === 0) return Buffer.from(JSON.stringify(own));
    const [member] = [
      'content',
      'contents',
      'messages',
      'tools',
      'prompts',
      'resources',
      'resourceTemplates',
      'structuredContent',
    ].filter((name) => name in (own as unknown as { result: object }).result);
    return Buffer.from(member === undefined ? JSON.stringify(own) : mutator.vary(own, ['result', member]));
  }

  return Object.assign(server, {
    hear(line: string): readonly Buffer[] {
      const message = parseMessage(Buffer.from(line), wide);
      if (isRefusal(message)) offences.push(`${message.code}: ${line.slice(0, 200)}`);
      for (const found of marksIn(line)) if (forbidden?.has(found)) offences.push(`was refused: ${line.slice(0, 200)}`);
      if (isRefusal(message) || message.kind !== 'request') return [];
      const { id, method, params } = message;
      const token = (params['_meta'] as { progressToken?: unknown } | undefined)?.progressToken;
      const isFirst = method === 'initialize' || method === 'server/discover';
      const lines = Array.from({ length: isFirst ? 0 : dice.below(noise + 1) }, () => broken(id, token));
      if (method !== 'subscriptions/listen') lines.push(answer(id, method));
      server.said += lines.length;
      return lines;
    },
  });
}
