// May they, and is it safe? The two questions about one request, asked before anything is forwarded.
import type { Approved } from '../access/approvals/call-approvals.ts';
import type { Access, Allowed, ApprovalDemand, Effect } from '../access/decision.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Examination } from '../inspect/examination/examination.ts';
import type { Noted } from '../inspect/examination/noted.ts';
import type { Pins } from '../inspect/pins/pins.ts';
import { checkParamHeaders } from '../protocol/headers.ts';
import type { Tokens } from '../inspect/redaction/tokens.ts';
import type { TypeCheck } from '../inspect/types/typed-arguments.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { JsonObject, RequestMessage } from '../protocol/message.ts';
import type { Arrival } from './arrival.ts';
import type { Conversation, Tool, Use } from './conversations/conversation.ts';
import { checkCursor, checkFlow, noFlow, rememberRead } from './flows.ts';
import type { Flow, Flows } from './flows.ts';
import { inspectCall } from './inspected.ts';
import { lackingScope } from './lacking-scope.ts';
import { targetOf, watchedResources, watchedTasks } from './methods.ts';
import type { Method } from './methods.ts';
import { openedUse } from './opened-use.ts';
import type { TaskBook } from './task-book.ts';
import { locateTasks } from './tasks.ts';

/** What a request may pass with: what it uses, and the decision that allows it. Neither for requests that use nothing. */
export interface Ticket {
  readonly use?: Use;
  readonly allowed?: Allowed;
  /** URIs of the resources that it watches. */
  readonly watched?: readonly string[];
  /** The approval that a rule wanted. */
  readonly approved?: Approved | undefined;
  /** The request as its server gets it, where its arguments held tokens. */
  readonly asOpened?: RequestMessage | undefined;
  /** What reads like orders in its arguments, and what would flow with it that was read before. */
  readonly findings?: readonly Noted[] | undefined;
  /** What its conversation has read once it is made. */
  readonly reads?: Flow['reads'] | undefined;
}

export interface Judges {
  readonly access: Access;
  readonly tasks: TaskBook;
  /** What is not as it was approved. */
  readonly pins?: Pins | undefined;
  /** What was read before and where it may go; absent where there are no rules about it. */
  readonly flows?: Flows | undefined;
  readonly inspect: {
    readonly checkArguments: (tool: Tool, given: Use['arguments']) => Refusal | undefined;
    /** By declared types: paths, URLs, shell words, SQL. */
    readonly checkTypes: TypeCheck;
    readonly examination: Examination;
    /** Puts values back in the place of tokens that stand for them. */
    readonly openTokens?: Tokens['open'] | undefined;
    /** Who is asked where the shield wants a call to be approved. */
    readonly demand?: (() => ApprovalDemand) | undefined;
  };
}

/**
 * Decides on every use of a tool, prompt or resource, then checks its arguments.
 * @param again of what is open already: nobody goes on with anything by it
 */
export async function judge(
  judges: Judges,
  arrival: Arrival,
  conversation: Conversation,
  principal: Principal,
  message: RequestMessage,
  method: Method | undefined,
  again = false,
): Promise<Ticket | Refusal> {
  if (!method?.eras.includes(conversation.era)) {
    return refuse('gateway_method_unknown', { method: message.method.slice(0, 64) });
  }
  const { access, inspect } = judges;
  if (method.watches === true) return judgeWatching(judges, arrival, conversation, principal, message, again);
  if (method.tasks === 'uses') return judgeTask(judges, arrival, conversation, principal, message, method);
  if (method.uses === undefined) {
    const flow = await checkCursor(judges.flows, principal, arrival.server, message.params);
    return isRefusal(flow) ? flow : { findings: flow.findings };
  }
  const target = targetOf(message.method, method.uses, message.params);
  if (target === undefined) return refuse('inspect_params_invalid', { method: message.method });
  const located = await conversation.locate(target);
  if (isRefusal(located)) return located;
  // Everything below judges what the server will get, not what stands for it.
  const opened = openedUse(inspect.openTokens, principal, message, located);
  if (isRefusal(opened)) return opened;
  const { use, asOpened } = opened;
  const { tool } = use;

  const permitted = (): Allowed | Refusal => {
    const held = judges.pins?.withheld(use.server, use.primitive, use.name);
    const hints = held?.hints ?? {
      readOnly: tool?.annotations?.readOnlyHint,
      destructive: tool?.annotations?.destructiveHint,
    };
    const decided = access.decide(principal, { ...use, ...placeOf(arrival), hints });
    return decided.outcome === 'deny' ? decided : (held?.refusal ?? decided);
  };
  const decision = permitted();
  if (isRefusal(decision)) return decision;
  if (use.primitive !== 'tools') {
    const allowed: Allowed = { ...decision, effect: 'read' };
    const sent = { ...use, arguments: completed(asOpened ?? message) ?? use.arguments };
    return (
      inspect.checkTypes(sent) ??
      lackingScope(principal, 'read') ??
      (await inspectedTicket(judges, principal, sent, allowed, asOpened, permitted, message.method))
    );
  }

  if (tool === undefined) return refuse('gateway_tool_unknown', { tool: use.name });
  const unsafe =
    inspect.checkArguments(tool, use.arguments) ??
    inspect.checkTypes(use) ??
    (conversation.era === 'modern' && arrival.pipe === undefined
      ? checkParamHeaders(tool, located.arguments, arrival.headers)
      : undefined);
  return (
    unsafe ??
    lackingScope(principal, decision.effect) ??
    (await inspectedTicket(judges, principal, use, decision, asOpened, permitted, message.method))
  );
}

/** The last questions: whether what is sent reads like orders to whoever reads it there, and whether it may go there after what was read. */
async function inspectedTicket(
  { inspect, flows }: Judges,
  principal: Principal,
  use: Use,
  before: Allowed,
  asOpened: RequestMessage | undefined,
  permitted: () => Allowed | Refusal,
  method: string,
): Promise<Ticket | Refusal> {
  // Nobody is asked about every letter that somebody types.
  const typed = method === 'completion/complete';
  const looked = await inspectCall(typed ? { ...inspect, demand: undefined } : inspect, principal, use, before);
  if (isRefusal(looked)) return looked;
  // A judge may take seconds, in which a right can be taken away.
  const still = looked.waited ? permitted() : before;
  if (isRefusal(still)) return still;
  const allowed: Allowed = still === before ? before : { ...still, effect: before.effect };
  const approved = looked.approval === undefined ? allowed : { ...allowed, approval: looked.approval };
  const mayWait = typed ? undefined : approved;
  const flow =
    flows && (await checkFlow(flows, principal, use, { requirements: allowed.requirements, allowed: mayWait }));
  if (isRefusal(flow)) return flow;
  const { approval = approved.approval, findings, reads } = flow ?? noFlow;
  return {
    use,
    allowed: approval === undefined ? allowed : { ...allowed, approval },
    asOpened,
    findings: [...(looked.findings ?? []), ...findings],
    reads,
  };
}

/** Whoever watches a resource learns when it changes, so each one is decided on as if it were read. */
async function judgeWatching(
  judges: Judges,
  arrival: Arrival,
  conversation: Conversation,
  principal: Principal,
  message: RequestMessage,
  again: boolean,
): Promise<Ticket | Refusal> {
  const uris = watchedResources(message.params);
  const taskIds = watchedTasks(message.params);
  if (uris === undefined || taskIds === undefined) return refuse('inspect_params_invalid', { method: message.method });
  const granted: Allowed[] = [];
  const flows: (Pick<Flow, 'findings' | 'reads'> & { readonly use: Use })[] = [];
  for (const name of uris) {
    const use = await conversation.locate({ primitive: 'resources', name, arguments: {} });
    if (isRefusal(use)) return use;
    const decision = judges.access.decide(principal, { ...use, ...placeOf(arrival) });
    if (decision.outcome === 'deny') return decision;
    const unsafe = judges.inspect.checkTypes(use);
    if (unsafe !== undefined) return unsafe;
    const held = judges.pins?.withheld(use.server, 'resources', name);
    if (held !== undefined) return held.refusal;
    // One approval is for one call; what is told again and again would need one each time.
    if (decision.approval !== undefined) return refuse('access_approval_impossible', { rule: decision.approval.rule });
    // The name itself reaches the server.
    const flow = judges.flows && (await checkFlow(judges.flows, principal, use, { ...decision, again }));
    if (isRefusal(flow)) return flow;
    flows.push({ use, ...(flow ?? noFlow) });
    granted.push(decision);
  }
  const tasks = await locateTasks(judges, principal, arrival.server, taskIds);
  if (isRefusal(tasks)) return tasks;
  const effects: readonly Effect[] = [...uris.map(() => 'read' as const), ...tasks.map(({ effect }) => effect)];
  const lacking = effects.map((effect) => lackingToRead(principal, effect)).find((refusal) => refusal !== undefined);
  if (lacking !== undefined) return lacking;
  if (!again) for (const flow of flows) await rememberRead(judges.flows, principal, flow, arrival.correlationId);
  const findings = flows.flatMap((flow) => flow.findings);
  return { watched: uris, findings, ...(granted.length > 0 && { allowed: together(granted) }) };
}

/** What several decisions rest on, each ground once: resources of one server share theirs. */
function together(granted: readonly Allowed[]): Allowed {
  const grounds = granted.flatMap(({ requirements, because }) =>
    requirements.map((requirement, at) => ({ requirement, ground: because[at]! })),
  );
  const distinct = [...new Map(grounds.map((each) => [`${each.requirement.action} ${each.requirement.scope}`, each]))];
  return {
    outcome: 'allow',
    effect: 'read',
    requirements: distinct.map(([, { requirement }]) => requirement),
    because: distinct.map(([, { ground }]) => ground),
  };
}

async function judgeTask(
  judges: Judges,
  { server }: Arrival,
  conversation: Conversation,
  principal: Principal,
  { method, params }: RequestMessage,
  { acts }: Method,
): Promise<Ticket | Refusal> {
  const located = await locateTasks(judges, principal, server, [params['taskId']]);
  if (isRefusal(located)) return located;
  const { server: at, tool: name, effect, requirements } = located[0]!;
  const lacking = acts === true ? lackingScope(principal, effect) : lackingToRead(principal, effect);
  if (lacking !== undefined) return lacking;
  const use: Use = { server: at, primitive: 'tools', name, arguments: {} };
  const flow =
    judges.flows &&
    (await checkFlow(judges.flows, principal, use, {
      requirements,
      sendsNothing: method !== 'tasks/update',
      openWorld: server === undefined || (await saysOpenWorld(conversation, name)),
    }));
  return isRefusal(flow) ? flow : { use, findings: flow?.findings, reads: flow?.reads };
}

/** The tool as its server describes it now; one that is not there any more is taken for the stricter. */
async function saysOpenWorld(conversation: Conversation, name: string): Promise<boolean> {
  const located = await conversation.locate({ primitive: 'tools', name, arguments: {} });
  if (isRefusal(located) || located.tool === undefined) return true;
  return located.tool.annotations?.openWorldHint === true;
}

/** What a call has become can be looked at by whoever may read, and by whoever could make the call. */
const lackingToRead = (principal: Principal, effect: Effect): Refusal | undefined =>
  lackingScope(principal, effect) && lackingScope(principal, 'read');

/** The argument that is to be completed, and those that stand already: a server looks up what it is given there, too. */
function completed({ method, params }: RequestMessage): JsonObject | undefined {
  if (method !== 'completion/complete') return undefined;
  const { argument, context } = params;
  const standing = isJsonObject(context) && isJsonObject(context['arguments']) ? context['arguments'] : {};
  return isJsonObject(argument) ? { ...standing, [String(argument['name'])]: argument['value'] } : standing;
}

/** Where it came from, for conditions on the place; over stdio there is none. */
const placeOf = ({ sourceIP }: Arrival): { readonly sourceIP?: string } => (sourceIP === '' ? {} : { sourceIP });
