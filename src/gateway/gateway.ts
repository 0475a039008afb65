// The life of one request, read from top to bottom: verify → decide → inspect → forward → inspect → record.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { eraOfMessage } from '../protocol/headers.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { latestLegacy } from '../protocol/revisions.ts';
import type { Result } from '../record/entry.ts';
import { Answer, statusOfResponse } from './answer.ts';
import { approvalKey, approvalQuestion } from './approval/approval-question.ts';
import { createApproving } from './approval/approving.ts';
import { createHolding } from './approval/holding.ts';
import { arrive, entrances, memberOf, never } from './arrival.ts';
import type { Arrival, Entrance, HttpArrival } from './arrival.ts';
import { createBatchAnswer } from './batch-answer.ts';
import type { Conversation } from './conversations/conversation.ts';
import { createConversations } from './conversations/conversations.ts';
import { createAttendance } from './attendance.ts';
import { createConversing } from './conversing.ts';
import { asRefusal, faultOf, underlying } from './faults.ts';
import { fit } from './fitting.ts';
import { checkAnswer, rememberRead } from './flows.ts';
import { inspectAnswer } from './inspected.ts';
import type { Inspected } from './inspected.ts';
import { inTurns } from './in-turns.ts';
import { judge } from './judge.ts';
import type { Ticket } from './judge.ts';
import { isCounted, limitCall, sayWhen } from './limiting.ts';
import { notifications, requests } from './methods.ts';
import type { Neighbours } from './neighbours.ts';
import { answered, begin, served, turnedAway } from './observed.ts';
import { createOpenStreams } from './open-streams.ts';
import { createOwners } from './everything/origins.ts';
import { madeAnew, withoutAnswer } from './own-questions.ts';
import { leftAlone, onceMore } from './once-more.ts';
import { answeredPassage, foreignPassage, outcomeOf, passageOf, recordOf, refusedPassage } from './passage.ts';
import type { Passage } from './passage.ts';
import type { Pipe, PipeOptions } from './pipe.ts';
import { createPresences } from './presences.ts';
import type { Ended } from './presences.ts';
import { readMessage } from './read-message.ts';
import type { Batch } from './read-message.ts';
import type { Reply } from './reply.ts';
import type { GatewaySettings } from './settings.ts';
import { signInQuestion, withoutSignIn } from './sign-in-question.ts';
import type { Stranger } from './stranger.ts';
import { inItsTrace, marksOf } from './tracing.ts';
import { createWaits } from './everything/waits.ts';
import type { Sender, Visit } from './visit.ts';
import { createWatch } from './watching.ts';

export interface Gateway {
  /**
   * Serves one HTTP request to an MCP address.
   * @param server the server named by `/mcp/{server}`; undefined for `/mcp`, which shows all of them
   * @param entrance which part of which transport; Streamable HTTP unless given
   */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    server: string | undefined,
    entrance?: Entrance,
  ): Promise<void>;
  /**
   * Serves one client over a pipe, standard input and output, for as long as it is open. Who that is, `verify` knows without
   * a token.
   */
  converse(pipe: Pick<PipeOptions, 'input' | 'output' | 'server' | 'language'>): Promise<void>;
  /**
   * Ends whatever somebody has open here: requests under way are answered with the reason, streams end, and what waits for
   * them to come back waits no more.
   */
  endFor(ended: Ended, reason: ErrorCode): void;
  /** Rights have changed: open streams are looked at again. */
  recheck(): void;
  /** Number of open sessions. */
  sessions(): number;
  /** Number of event streams that are open without a request. */
  streams(): number;
  /** Ends all event streams, so that clients reconnect elsewhere; requests under way are still answered. */
  drain(): void;
  close(): Promise<void>;
}

/** Members of a batch that are under way at once. */
const batchBreadth = 8;

export function createGateway(settings: GatewaySettings, house: Neighbours): Gateway {
  const streams = createOpenStreams(settings.recheckSeconds * 1000);
  const presences = createPresences();
  const watch = createWatch(settings.maxListensPerUser, streams);
  const waits = createWaits(settings.listDeadlineSeconds * 1000);
  const door = { ...house, settings, waits, owners: createOwners() };
  const holding = createHolding(settings, { calls: house.approvals, publicUrl: house.publicUrl });
  const approving = createApproving(holding, house);
  const conversations = createConversations(door, (arrival, principal, owner) => {
    house.log.warn({ owner, by: principal.id }, 'a session id was presented by somebody else');
    void record({ arrival, principal }, foreignPassage(arrival, owner)).catch(() => undefined); // refused in any case
  });

  const attend = createAttendance({ conversations, streams, record, limits: house.limits, turnAway, allowed });

  async function pass(arrival: HttpArrival, answer: Answer): Promise<void> {
    const who = await house.verify(arrival.headers.authorization, arrival.resource, arrival);
    if (isRefusal(who)) return answer.challenge(who, house.challenge(who, arrival.address));
    const { principal, expiresAtMs = Infinity } = who;
    const { ended, underWay, leave } = presences.enter({ principal, server: arrival.server });
    const visit = { arrival, answer, principal, expiresAtMs, ended };
    const limit = settings.maxRequestsPerUser;
    const full = underWay > limit ? refuse('gateway_requests_full', { limit }) : undefined;
    return (full === undefined ? admit(visit) : turnAway(visit, full)).finally(leave);
  }

  async function admit(visit: Visit<Answer, HttpArrival>): Promise<void> {
    const { arrival, answer, principal } = visit;
    if (arrival.method !== 'POST' || arrival.entrance === 'sse') return attend(visit);
    const posted = await readMessage(arrival, house.inspect.limits);
    if (isRefusal(posted)) return turnAway(visit, posted);
    const replyTo = conversations.replies(arrival, principal, posted);
    if (isRefusal(replyTo)) return turnAway(visit, replyTo, posted.kind === 'batch' ? undefined : posted);
    if (posted.kind !== 'batch') return receive({ ...visit, answer: replyTo(answer, posted) }, posted);

    const unfit = conversations.checkBatch(arrival, principal, posted.members);
    if (isRefusal(unfit)) return turnAway(visit, unfit);
    const member = createBatchAnswer(answer, posted.members);
    const visits = posted.members.map((message, index) => ({
      message,
      arrival: memberOf(arrival, index),
      answer: replyTo(member(), message),
    }));
    return inTurns(visits, batchBreadth, ({ message, ...to }) => receive({ ...visit, ...to }, message));
  }

  /** What came through a pipe. There no challenge can be answered with: who has to sign in is told so in a message. */
  async function hear(
    pipe: Pipe,
    stranger: Stranger,
    posted: Message | Batch | Refusal,
  ): Promise<Principal | undefined> {
    const members = isRefusal(posted) ? [] : posted.kind === 'batch' ? posted.members : [posted];
    const arrival = pipe.arrival(members[0]);
    const who = await house.verify(undefined, arrival.resource, arrival);
    if (isRefusal(who)) return void (isRefusal(posted) ? pipe.reply().refuse(posted) : stranger.answer(members, who));
    stranger.known();
    const { principal, expiresAtMs = Infinity } = who;
    const { ended, leave } = presences.enter({ principal, server: arrival.server });
    const visitOf = (way: Arrival, message?: Message): Visit => ({
      arrival: way,
      answer: pipe.reply(message),
      principal,
      expiresAtMs,
      ended,
    });
    try {
      if (isRefusal(posted)) await turnAway(visitOf(arrival), posted);
      else if (posted.kind !== 'batch') await receive(visitOf(arrival, posted), withoutSignIn(posted));
      else {
        const unfit = conversations.checkBatch(arrival, principal, members);
        await inTurns(members.entries(), batchBreadth, ([index, message]) => {
          const visit = visitOf(memberOf(pipe.arrival(message), index), message);
          return unfit === undefined ? receive(visit, message) : turnAway(visit, unfit, message);
        });
      }
      return principal;
    } finally {
      leave();
    }
  }

  /** The way of every single message, also of one that came in a batch. */
  async function receive(given: Visit, said: Message): Promise<void> {
    const { arrival, message } = inItsTrace(given.arrival, said, house.traces);
    const visit = { ...given, arrival };
    const { answer, principal, ended } = visit;
    try {
      if (ended.aborted) return await turnAway(visit, reasonOf(ended), message); // while the message was on its way
      const conversation = await conversations.find(arrival, principal, message).catch(asRefusal);
      if (isRefusal(conversation))
        return await turnAway(visit, ended.aborted ? reasonOf(ended) : conversation, message);
      await (message.kind === 'request' ? serve(visit, conversation, message) : deliver(visit, conversation, message));
    } catch (error) {
      house.log.error({ err: error, ...marksOf(arrival) }, 'a request failed');
      refuseMessage(arrival, answer, faultOf(error).toRefusal(), message);
    }
  }

  async function serve(visit: Visit, conversation: Conversation, message: RequestMessage): Promise<void> {
    const { arrival, answer, principal } = visit;
    const { era } = conversation;
    const method = requests.get(message.method);
    const course = begin(arrival, house.traces);
    const gone = arrival.gone(era);
    const signal = gone === never ? visit.ended : AbortSignal.any([gone, visit.ended]);

    const ask = (who: Principal, again?: boolean): Promise<Ticket | Refusal> =>
      judge(house, arrival, conversation, who, message, method, again);
    const ticket = await ask(principal).catch(asRefusal);
    course.judgedMs = performance.now();
    if (isRefusal(ticket) && !visit.ended.aborted) return turnAway(visit, ticket, message, conversation);
    if (isRefusal(ticket) || signal.aborted) return turnAway(visit, reasonOf(signal), message);
    const place = await limitCall(house.limits, visit, message.method, ticket);
    if (isRefusal(place)) return turnAway(visit, place, message, conversation);
    using _ = place;

    const opened = ticket.asOpened ?? message; // what the server gets, and so what its approver sees
    const passed = await approving(visit, conversation, opened, ticket, { place, signal, ask });
    if (isRefusal(passed)) return turnAway(visit, signal.aborted ? reasonOf(signal) : passed, message, conversation);
    const { approved } = passed;
    using __ = passed.place;

    const passage = passageOf(arrival, message, { ...ticket, approved }, era, house.catalogue);
    const withEffect = method?.acts === true || (ticket.allowed?.effect ?? 'read') !== 'read';
    const isAnnounced = withEffect || method?.watches === true;
    if (isAnnounced) await record(visit, { ...passage, result: 'intent' }); // durable before the effect
    if (signal.aborted) return turnAway(visit, reasonOf(signal), message);
    await rememberRead(house.flows, principal, ticket, arrival.correlationId);

    let response: ResponseMessage;
    let fault: GenkanError | undefined;
    let counts: Inspected['counts'] = {};
    course.askedMs = performance.now();
    try {
      // Older revisions know no events without data; the answer to `initialize` has the session id in its head.
      const comesBack = arrival.headers['mcp-protocol-version'] === latestLegacy && message.method !== 'initialize';
      const resumable = comesBack ? answer.resumable : undefined;
      const options = { outlet: answer, resumable, signal, trace: course.beyond };
      response = method?.watches
        ? await watch(principal.id, conversation, message, options, () => allowed(arrival, conversation, ask))
        : await onceMore(ticket, signal, () =>
            conversation.request(
              // What the approver has not seen does not reach the server either.
              approved?.goesOn === false ? madeAnew(opened) : withoutAnswer(opened, approvalKey),
              ticket.use,
              options,
            ),
          );
      answered(course, response);
      if (approved !== undefined) await holding.answered(approved, response);
      const inspected = await inspectAnswer(house, visit, message, ticket, response);
      ({ response, counts } = await fit(house, visit, conversation, message, ticket, inspected));
    } catch (error) {
      fault = underlying(faultOf(error), visit.ended, house.catalogue, ticket.use?.server);
      if (course.answeredMs === undefined) answered(course, fault);
      if (fault.code === 'gateway_fault') house.log.error({ err: error, ...marksOf(arrival) }, 'a fault');
      const refusal = fault.toRefusal();
      const question = signInQuestion(message, refusal, arrival.language, conversation.initialize);
      response = question ?? answer.failure(refusal, message.id);
      sayWhen(answer, refusal);
    }

    course.examinedMs = performance.now();

    // Whether a call with effects that broke off took effect cannot be known, and the log says so.
    const neverBegun = fault?.code === 'upstream_sign_in_required' || fault?.code === leftAlone;
    const result: Result = fault === undefined ? 'allowed' : withEffect && !neverBegun ? 'unknown' : 'failed';
    const durationMs = house.clock.now() - arrival.atMs;
    if (method?.quiet?.(response) !== true || 'findings' in counts)
      await record(visit, outcomeOf(passage, { result, response, fault, counts, durationMs, isAnnounced })); // durable before the answer
    house.observe(served(visit, message, ticket.use, course, { result, response, fault }));
    if (message.method === 'initialize') await conversations.greeted(conversation, response, answer);
    return answer.final(response, fault?.code === leftAlone ? 429 : statusOfResponse(response, era));
  }

  /** Notifications and the client's answers to a server's questions: nothing comes back but "accepted". */
  async function deliver(
    visit: Visit,
    conversation: Conversation,
    message: Exclude<Message, RequestMessage>,
  ): Promise<void> {
    if (message.kind === 'notification' && !notifications.has(message.method)) return visit.answer.accepted(); // dropped
    if (holding.hear(visit, message)) {
      await record(visit, answeredPassage(visit.arrival, message as ResponseMessage));
      return visit.answer.accepted();
    }
    const withheld = await checkAnswer(house.flows, visit.principal, conversation, message);
    const refusal = withheld ?? (await conversation.deliver(message));
    if (isRefusal(refusal)) return turnAway(visit, refusal, message);
    if (message.kind === 'response') await record(visit, answeredPassage(visit.arrival, message));
    return visit.answer.accepted();
  }

  async function turnAway(
    { arrival, answer, principal }: Visit,
    refusal: Refusal,
    message?: Message,
    conversation?: Conversation,
  ): Promise<void> {
    const passage = refusedPassage(arrival, refusal, message);
    if (!isCounted(refusal)) await record({ arrival, principal }, passage);
    const method = requests.has(passage.action) ? passage.action : 'other';
    const id = message?.kind === 'request' ? message.id : undefined;
    house.observe(turnedAway({ arrival, principal }, method, refusal, passage.result, id));
    if (refusal.outcome === 'challenge') {
      const address = 'address' in arrival ? String(arrival.address) : arrival.resource;
      answer.header?.('www-authenticate', house.challenge(refusal, address, principal));
    }
    sayWhen(answer, refusal);
    return refuseMessage(arrival, answer, refusal, message, conversation);
  }

  function refuseMessage(
    arrival: Arrival,
    answer: Reply,
    refusal: Refusal,
    message: Message | undefined,
    conversation?: Conversation,
  ): void {
    if (message?.kind !== 'request') return answer.refuse(refusal);
    const question =
      signInQuestion(message, refusal, arrival.language, conversation?.initialize) ??
      approvalQuestion(message, refusal, arrival.language);
    if (question !== undefined) return answer.final(question);
    const era = eraOfMessage(message, arrival.headers);
    return answer.refuse(refusal, message.id, isRefusal(era) ? undefined : era);
  }

  function record({ arrival, principal }: Sender, passage: Passage): Promise<number> {
    return house.record.append(...recordOf(arrival, principal, passage, house.clock.now(), house.holdingGroups));
  }

  /** Whether the token of an open stream still holds, and what `ask` asks about its owner still finds a yes. */
  async function allowed(
    arrival: Arrival,
    conversation: Conversation | undefined,
    ask?: (who: Principal, again: boolean) => Promise<Ticket | Refusal>,
  ): Promise<boolean> {
    const who = await house.verify(arrival.headers.authorization, arrival.resource, arrival, true);
    if (isRefusal(who) || isRefusal(await ask?.(who.principal, true))) return false;
    conversation?.recheck?.(who.principal);
    return true;
  }

  return {
    async handle(request, response, server, entrance = 'mcp') {
      const arrival = arrive(request, response, server, entrance, house);
      const methods = entrances[entrance];
      const answer = new Answer(response, arrival.language, settings.keepAliveSeconds * 1000, methods);
      try {
        await pass(arrival, answer);
      } catch (error) {
        if (request.destroyed && !request.complete) return; // the client broke off in the middle of its message
        house.log.error({ err: error, ...marksOf(arrival) }, 'a request failed');
        answer.refuse(faultOf(error).toRefusal());
      }
    },
    converse: createConversing({ house, drainMs: settings.drainSeconds * 1000, streams, conversations, record, hear }),
    endFor(ended, reason) {
      const end = (): void => {
        presences.endFor(ended, new GenkanError(reason));
        streams.endFor(ended);
        conversations.endFor(ended);
      };
      end();
      setImmediate(end); // who was verified in the very moment before has entered by then
      if (ended.kind === 'principal')
        house.tasks.forget(ended.subject).catch((error: unknown) => house.log.error({ err: error }, 'tasks are left'));
    },
    sessions: () => conversations.count(),
    streams: () => streams.count(),
    recheck: streams.recheck,
    drain: () => streams.endAll(),
    async close() {
      streams.close();
      await conversations.close();
    },
  };
}

const reasonOf = ({ reason }: AbortSignal): Refusal => faultOf(reason).toRefusal();
