// The commands `genkan shield scan` and `genkan shield score`: the prompt shield on texts of one's own, without a house.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { createShield } from '../inspect/shield/linear-shield.ts';
import type { Shield, ShieldScan } from '../inspect/shield/shield.ts';
import type { CommandLine } from './cli-arguments.ts';

const meanings = { data: 'JSON Lines with a text each: {"id": …, "text": …}.' } as const;

export const shieldCommands = {
  scan: {
    id: 'shield scan',
    summary: 'Tell how much a text reads like orders to an assistant, where, and why: genkan shield scan TEXT|FILE|-',
    about: 'Nothing leaves this machine. What the scores mean and what they miss: docs/reference/shield.md',
    input: z.strictObject({
      text: z.string().min(1).describe('The text, the name of a file, or - for standard input.'),
    }),
    positional: ['text'],
    meanings: { data: 'Not used by this command.' },
  },
  score: {
    id: 'shield score',
    summary: 'Score many texts for an evaluation: --data FILE.jsonl with {id, text, …}, prints {id, score, spans}',
    about: 'One line of JSON a text, in the order of the file. Thresholds: genkan shield scan --json',
    input: z.strictObject({}),
    meanings,
  },
} as const;

export type ShieldCommand = keyof typeof shieldCommands;

export async function scanText(
  { text: given }: { readonly text: string },
  { json }: Pick<CommandLine, 'json'>,
  out: (text: string) => void,
): Promise<Refusal | undefined> {
  const text = await textOf(given);
  const shield = createShield();
  const found = shield.scan(text);
  out(json ? JSON.stringify({ ...found, thresholds: shield.thresholds }, undefined, 2) : told(text, found, shield));
  return undefined;
}

/** @param write gets a line for each text as soon as it is scored */
export async function scoreTexts(
  { data }: Pick<CommandLine, 'data'>,
  write: (line: string) => void,
): Promise<Refusal | undefined> {
  if (data === undefined) return invalid('--data FILE.jsonl is missing');
  const shield = createShield();
  let number = 0;
  for await (const line of createInterface({ input: data === '-' ? process.stdin : createReadStream(data) })) {
    number++;
    if (line.trim() === '') continue;
    const row = rowOf(line);
    if (row === undefined) return invalid(`line ${number} of ${data} is not JSON with a "text"`);
    write(JSON.stringify({ id: row.id, ...shield.scan(row.text) }));
  }
  return undefined;
}

const invalid = (reason: string): Refusal => refuse('operation_input_invalid', { operation: 'shield score', reason });

function rowOf(line: string): { readonly id?: unknown; readonly text: string } | undefined {
  try {
    const row = JSON.parse(line) as { id?: unknown; text?: unknown } | null;
    return typeof row?.text === 'string' ? { id: row.id, text: row.text } : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(given: string): Promise<string> {
  if (given === '-') {
    const parts: Buffer[] = [];
    for await (const part of process.stdin) parts.push(part as Buffer);
    return Buffer.concat(parts).toString('utf8');
  }
  const isFile = given.length < 4096 && existsSync(given) && statSync(given).isFile();
  return isFile ? await readFile(given, 'utf8') : given;
}

function told(text: string, { score, spans }: ShieldScan, { thresholds: { spotlight, block } }: Shield): string {
  const verdict = score >= block ? 'attack' : score >= spotlight ? 'suspicious' : 'nothing found';
  const lines = spans.map(({ from, to, score: each, why }) => {
    const { line, column } = placeOf(text, from);
    return `${line}:${column}  ${each.toFixed(3)}  ${why.join(', ')}\n      ${excerpt(text.slice(from, to))}`;
  });
  const scale = `suspicious from ${spotlight.toFixed(3)}, attack from ${block.toFixed(3)}`;
  return [`${verdict}: ${score.toFixed(3)} (${scale})`, ...lines].join('\n');
}

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

const excerpt = (span: string): string => {
  const line = span.replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 100)} … ${line.slice(-50)}` : line;
};
