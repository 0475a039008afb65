// Is it safe? The question where what was read before may go: what a conversation has read, and where a call sends.
import type { Allowed, ApprovalDemand, Requirement } from '../access/decision.ts';
import { errorTable, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Labels, Labelled } from '../inspect/taint/labels.ts';
import type { Taint, TaintFinding } from '../inspect/taint/taint.ts';
import { failure } from '../protocol/message.ts';
import type { JsonObject, Message, RequestMessage } from '../protocol/message.ts';
import type { Conversation, Use } from './conversations/conversation.ts';
import { recorded } from './inspected.ts';

/** Taint rules, and who is asked where they want a call to be approved. */
export interface Flows {
  readonly taint: Taint;
  readonly demand?: ((rule: string) => ApprovalDemand) | undefined;
}

/** What a call lets flow. */
export interface Flow {
  readonly findings: readonly TaintFinding[];
  /** Present where somebody has to look at the call first. */
  readonly approval?: ApprovalDemand;
  /** What the conversation has read once the call is made. */
  readonly reads: Labels['reads'];
}

export const noFlow: Flow = { findings: [], reads: [] };

/** @param grounds the decision that allows the call; without one it cannot wait for an approval, and does not go on */
export async function checkFlow(
  { taint, demand }: Flows,
  who: Principal,
  use: Use,
  grounds: {
    readonly requirements: readonly Requirement[];
    readonly allowed?: Allowed | undefined;
    /** Its arguments are ours and the server's alone. */
    readonly sendsNothing?: boolean;
    /** Where the tool is not at hand: what to take it for. */
    readonly openWorld?: boolean | undefined;
    /** Asked before, and asked once more on our own account: nobody goes on with the conversation by it. */
    readonly again?: boolean;
  },
): Promise<Flow | Refusal> {
  const about = labelled(use, grounds);
  const { reads, sends } = taint.labelsOf(about);
  const finding = await taint.check(who, about, grounds.sendsNothing === true ? 'none' : sends, grounds.again);
  if (finding === undefined) return { findings: [], reads };
  const { allowed } = grounds;
  const found = { findings: [finding], reads };
  if (finding.action === 'flag' || (finding.action === 'ask' && allowed?.approval !== undefined)) return found;
  if (finding.action === 'ask' && demand !== undefined && allowed !== undefined)
    return { ...found, approval: demand(`taint: ${finding.rule}`) };
  return refuse('inspect_taint_blocked', saying(use, finding), { outcome: 'block', data: recorded([finding]) });
}

/** What a client answers to a server's question reaches that server, too. The server is told that there is no answer. */
export async function checkAnswer(
  flows: Flows | undefined,
  who: Principal,
  conversation: Pick<Conversation, 'asker' | 'deliver'>,
  message: Exclude<Message, RequestMessage>,
): Promise<Refusal | undefined> {
  if (flows === undefined || message.kind !== 'response') return undefined;
  const server = conversation.asker?.(message);
  // An error is free text as well.
  if (server === undefined || (message.result !== undefined && saysNothing(message.result))) return undefined;
  const flow = await checkFlow(
    flows,
    who,
    { server, primitive: 'tools', name: '', arguments: {} },
    { requirements: [], openWorld: true }, // which tool asks is not known
  );
  if (!isRefusal(flow)) return undefined;
  await conversation.deliver(failure(message.id, { code: errorTable[flow.code].rpc, message: 'withheld by Genkan' }));
  return flow;
}

/** A cursor is the client's text and reaches the server; whether the server has handed it out, nobody here knows. */
export async function checkCursor(
  flows: Flows | undefined,
  who: Principal,
  server: string | undefined,
  { cursor }: JsonObject,
): Promise<Pick<Flow, 'findings'> | Refusal> {
  if (flows === undefined || server === undefined || cursor === undefined) return noFlow;
  const list: Use = { server, primitive: 'tools', name: '', arguments: {} };
  return checkFlow(flows, who, list, { requirements: [], openWorld: true });
}

/** MCP 2025-11-25, elicitation, "Response Actions": a person may always decline. */
const saysNothing = ({ action, ...more }: JsonObject): boolean =>
  (action === 'decline' || action === 'cancel') && Object.keys(more).length === 0;

/** Durable before a call is forwarded: its server may speak before it answers. */
export async function rememberRead(
  flows: Flows | undefined,
  who: Principal,
  { use, reads = [] }: { readonly use?: Use | undefined; readonly reads?: Flow['reads'] | undefined },
  correlationId: string,
): Promise<void> {
  if (flows === undefined || use === undefined || reads.length === 0) return;
  await flows.taint.remember(who, reads, { server: use.server, name: use.name, correlationId });
}

const labelled = (
  { server, name, tool }: Use,
  { requirements, openWorld }: { requirements: readonly Requirement[]; openWorld?: boolean | undefined },
): Labelled => ({
  server,
  name,
  actions: requirements.map(({ action }) => action),
  openWorld: tool === undefined ? openWorld : tool.annotations?.openWorldHint,
});

const saying = ({ server, name }: Use, { sources }: TaintFinding): Record<string, string> => ({
  name: name.slice(0, 200) || 'an answer to a question, or a cursor',
  server,
  sources: sources
    .map((source) => `${source.reads}: ${source.server}/${source.name.slice(0, 200)} (${source.at})`)
    .join(', '),
});
