// A call as the record tells of it: who, with which groups, what it needed, and whether that was granted.
import type { Effect, Requirement } from '../decision.ts';

/** The part of an audit record that analysis reads. */
export interface RecordedEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly actor?: { readonly name?: string | undefined } | undefined;
  readonly client?: string | undefined;
  readonly effect?: string | undefined;
  readonly actionRequired?: unknown;
  readonly because?: unknown;
  readonly groups?: unknown;
  readonly correlationId: string;
  readonly sourceIP: string;
}

/** The assignment that granted one requirement. */
export interface Ground {
  readonly assignment: string;
  readonly role: string;
  readonly scope: string;
}

export interface RecordedCall {
  readonly atMs: number;
  /** Principal id. */
  readonly principal: string;
  readonly name: string;
  readonly clientId: string | undefined;
  /** Those of its groups that held something here at that time. */
  readonly groups: readonly string[];
  /** `/servers/azure/tools/compute_vm_update` */
  readonly resource: string;
  readonly sourceIP: string;
  readonly effect: Effect;
  readonly requirements: readonly Requirement[];
  /** In the order of the requirements; empty where the call was refused. */
  readonly because: readonly Ground[];
  /** Whether roles allowed it; how it ended at the server is another matter. */
  readonly allowed: boolean;
  /** Why it was refused. */
  readonly code: string | undefined;
}

// Calls that are under way at one time are few; whoever keeps their ends from us must not fill our memory.
const rememberedIntents = 10_000;

/** The calls among audit records, each once, refused ones included. Records in the order of time. */
export async function* recordedCalls(
  entries: AsyncIterable<RecordedEntry>,
): AsyncGenerator<RecordedCall, void, undefined> {
  const intents = new Map<string, RecordedCall>();
  for await (const entry of entries) {
    const call = readCall(entry);
    if (entry.result === 'intent') {
      if (call === undefined) continue;
      if (intents.size >= rememberedIntents) intents.delete(intents.keys().next().value!);
      intents.set(entry.correlationId, call);
      continue;
    }
    // What broke off with Genkan itself is told of by its intent alone.
    const begun = intents.get(entry.correlationId);
    intents.delete(entry.correlationId);
    if (begun !== undefined && entry.result === 'unknown') yield begun;
    else if (call !== undefined) yield call;
  }
}

/** @returns `undefined` for whatever is no use of a tool, prompt or resource that roles were asked about */
export function readCall({
  timestamp,
  user,
  resource,
  result,
  details: { code },
  actor,
  client,
  effect,
  actionRequired: requires,
  because,
  groups,
  sourceIP,
}: RecordedEntry): RecordedCall | undefined {
  if (!isListOf(requires, isRequirement) || requires.length === 0) return undefined;
  const allowed = result !== 'denied';
  return {
    atMs: timestamp,
    principal: user,
    name: actor?.name ?? user,
    clientId: client,
    groups: isListOf(groups, isText) ? groups : [],
    resource,
    sourceIP,
    effect: effect === 'read' || effect === 'write' ? effect : 'destroy',
    requirements: requires.map(({ action, data, scope }) => ({ action, data, scope })),
    because: allowed && isListOf(because, isGround) ? because : [],
    allowed,
    code: typeof code === 'string' ? code : undefined,
  };
}

const isListOf = <Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] =>
  Array.isArray(value) && value.every(isItem);
const isText = (value: unknown): value is string => typeof value === 'string';
const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function isRequirement(value: unknown): value is Requirement {
  const { action, data, scope } = membersOf(value);
  return typeof action === 'string' && typeof data === 'boolean' && typeof scope === 'string';
}

function isGround(value: unknown): value is Ground {
  const { assignment, role, scope } = membersOf(value);
  return typeof assignment === 'string' && typeof role === 'string' && typeof scope === 'string';
}
