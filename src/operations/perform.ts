// The only way to carry out an operation: parse → authorise → run → record. Nothing else calls `run`.
import { z } from 'zod';
import { actorOf } from '../base/actor.ts';
import { errorTable, GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import { maskSecrets } from '../base/mask.ts';
import type { AuditEntry, Result } from '../record/entry.ts';
import type { Desk, House } from './house.ts';
import type { AnyOperation, Caller, DeskOperation } from './operation.ts';

export type Outcome = { readonly outcome: 'allow'; readonly output: unknown } | Refusal;

/**
 * Carries out an operation. Its outcome, refusals included, is durable in the audit log before this resolves; an
 * operation that changes something runs only after its intent is durable.
 * @param given the input as it came through the door, not yet checked
 * @throws GenkanError when the operation or the record is at fault
 */
export async function perform(operation: AnyOperation, given: unknown, caller: Caller, house: House): Promise<Outcome> {
  const parsed = parseInput(operation, given);
  const correlation = correlationId();
  const beganMs = house.clock.now();
  const record = (result: Result, details: Record<string, unknown> = {}, grounds: Grounds = {}): Promise<number> =>
    house.record.append({
      timestamp: house.clock.now(),
      user: caller.principal.id,
      actor: actorOf(caller.principal),
      client: caller.principal.clientId,
      effect: operation.effect,
      ...grounds,
      action: operation.id,
      resource: parsed.ok ? (operation.resource?.(parsed.input) ?? '/') : '/',
      result,
      ...(result !== 'intent' && { durationMs: Math.max(0, house.clock.now() - beganMs) }),
      details: { ...(parsed.ok ? { input: maskSecrets(said(operation, parsed.input)) } : {}), ...details },
      correlationId: correlation,
      sourceIP: caller.sourceIP,
      userAgent: caller.userAgent,
    });
  const refused = async (refusal: Refusal, grounds = {}): Promise<Refusal> => {
    // Parameters tell what was given, in whatever form.
    await record(
      'denied',
      { code: refusal.code, ...(operation.unsaid === undefined && { params: refusal.params }) },
      grounds,
    );
    return refusal;
  };

  if (!parsed.ok) return refused(parsed.refusal);
  const forbidden = authorise(operation, caller, house);
  const grounds = groundsOf(operation, caller, house);
  if (forbidden !== undefined) return refused(forbidden, grounds);
  if (operation.effect !== 'read') await record('intent');
  let output: unknown;
  try {
    output = await operation.run(house, parsed.input, caller);
  } catch (error) {
    if (error instanceof GenkanError && errorTable[error.code].http < 500) return refused(error.toRefusal());
    await record('failed', { code: error instanceof GenkanError ? error.code : 'operation_fault' });
    throw error;
  }
  if (isRefusal(output)) return refused(output);
  await record('allowed', { ...operation.noted?.(output) }, grounds);
  return answer(operation, output);
}

/**
 * Carries out an operation on files alone, for whoever may open them. The file system has decided already, and the
 * audit log has another writer while the server runs, so nothing is authorised or recorded here: what is to be on record
 * comes here only for one's own records.
 */
export async function performAtDesk(
  operation: DeskOperation,
  given: unknown,
  caller: Caller,
  desk: Desk,
): Promise<Outcome> {
  const parsed = parseInput(operation, given);
  if (!parsed.ok) return parsed.refusal;
  const output: unknown = await operation.run(desk, parsed.input, caller);
  return isRefusal(output) ? output : answer(operation, output);
}

const said = ({ unsaid = [] }: AnyOperation, input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !unsaid.includes(name as never)));

// What the schema does not declare stays inside.
const answer = (operation: AnyOperation, output: unknown): Outcome => ({
  outcome: 'allow',
  output: operation.output.parse(output),
});

type Parsed =
  { readonly ok: true; readonly input: Record<string, unknown> } | { readonly ok: false; readonly refusal: Refusal };

/** Reads what a command or a request gives by the schema that says what is taken. */
export function parseInput(operation: Pick<AnyOperation, 'id' | 'input'>, given: unknown): Parsed {
  const result = operation.input.safeParse(given);
  if (result.success) return { ok: true, input: result.data };
  const reason = result.error.issues.map(explain).join('; ');
  return { ok: false, refusal: refuse('operation_input_invalid', { operation: commandOf(operation), reason }) };
}

function explain(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.');
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return `${field} is missing`;
  return field === '' ? issue.message : `${field}: ${issue.message}`;
}

function authorise(operation: AnyOperation, { principal }: Caller, { access }: House): Refusal | undefined {
  if (operation.audience === 'anybody' || access.allows(principal, operation.action, '/')) return undefined;
  const params = { tool: commandOf(operation), scope: '/', missing: operation.action };
  return refuse('access_action_missing', params, { data: { missing: [operation.action] } });
}

type Grounds = Pick<AuditEntry, 'actionRequired' | 'groups'>;

/** What roles were asked about, as records of calls say it: without it, nobody could tell whether rights over Genkan are used. */
function groundsOf({ action, audience }: AnyOperation, { principal }: Caller, { access }: House): Grounds {
  if (principal.kind === 'operator') return {};
  // What is open to anybody was a use of a role where one grants it.
  if (audience === 'anybody' && !access.allows(principal, action, '/')) return {};
  const holding = new Set(
    access.assignments().flatMap(({ principal: { kind, id } }) => (kind === 'group' ? [id] : [])),
  );
  return {
    actionRequired: [{ action, data: false, scope: '/' }],
    groups: principal.groups.filter((group) => holding.has(group)).slice(0, 64),
  };
}

/** The command of an operation, without the program's name: `role assign`. */
export const commandOf = ({ id }: Pick<AnyOperation, 'id'>): string => id.replace('.', ' ');
