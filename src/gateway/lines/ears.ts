// What a server says on the way of an answer or unasked is examined where it comes in, in its order, before anybody hears it.
import { actorOf } from '../../base/actor.ts';
import { GenkanError, refuse } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { correlationId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Language } from '../../base/text.ts';
import type { Examination, Examined, Saying } from '../../inspect/examination/examination.ts';
import type { Noted } from '../../inspect/examination/noted.ts';
import { run } from '../../inspect/examination/looking.ts';
import type { Message, ResponseMessage } from '../../protocol/message.ts';
import type { Recorder } from '../../record/entry.ts';
import { recorded } from '../inspected.ts';
import { requests } from '../methods.ts';
import { failureOf } from '../reply.ts';
import { through } from '../conversations/through.ts';
import type { Line } from './line.ts';

export interface Ears {
  /**
   * Hands a message on once it was examined; what may not be heard is not handed on. A returned promise is to hold back whoever
   * speaks: that alone bounds what waits for its turn.
   */
  hear(
    message: Message,
    line: Line | undefined,
    pass: (message: Message) => void | Promise<void>,
  ): void | Promise<void>;
  /** The line as its client hears it. @param own its lists and its greeting are put together with those of others */
  over(line: Line, own: boolean): Promise<Line>;
}

interface EarsOptions {
  readonly server: string;
  readonly who: () => Principal;
  readonly language: Language;
  readonly inspect: { readonly examination: Examination };
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of an order that is cut into several messages, so much of the earlier ones is looked at once more. */
const maxTail = 600;
/** Records of one line in one minute; what is more stands in the metrics. */
const maxRecords = 20;
const minuteMs = 60_000;

export function createEars({ server, who, language, inspect, record, clock, log }: EarsOptions): Ears {
  let last: Promise<unknown> | undefined;
  let tail = '';
  let records = { sinceMs: -Infinity, count: 0 };

  function examine<Kind extends Message>(
    message: Kind,
    more: Partial<Saying> = {},
  ): Examined<Kind> | Promise<Examined<Kind>> {
    const method = message.kind === 'response' ? '' : message.method;
    const { id: person, groups } = who();
    return run(inspect.examination.said({ server, person, groups, method, language, ...more, message }));
  }

  function note({ kind, ...said }: Message, findings: readonly Noted[], withheld: boolean, asked = ''): void {
    if (findings.length === 0) return;
    const nowMs = clock.now();
    if (nowMs - records.sinceMs >= minuteMs) records = { sinceMs: nowMs, count: 0 };
    if (++records.count > maxRecords) return;
    const principal = who();
    const entry = {
      timestamp: nowMs,
      user: principal.id,
      actor: actorOf(principal),
      client: principal.clientId,
      server,
      action: kind === 'response' ? asked : (said as { method: string }).method.slice(0, 64),
      resource: `/servers/${server}`,
      result: withheld ? ('blocked' as const) : ('allowed' as const),
      ...recorded(findings),
      details: {},
      correlationId: correlationId(),
      sourceIP: '',
      userAgent: '',
    };
    record.append(entry).catch((error: unknown) => log.error({ err: error, server }, 'a finding was not recorded'));
  }

  function judged(
    { message, findings, blocked, tail: heard }: Examined,
    line: Line | undefined,
    pass: (message: Message) => void | Promise<void>,
  ): void | Promise<void> {
    if (message.kind === 'notification' && heard !== '') tail = `${tail} ${heard}`.slice(-maxTail);
    note(message, findings, blocked !== undefined);
    if (blocked === undefined) return pass(message);
    if (message.kind !== 'request') return;
    const refusal = refuse('inspect_injection_blocked', { server });
    line?.deliver(failureOf(refusal, message.id, 'en')).catch(() => undefined); // a server that is gone needs no answer
  }

  function hear(
    message: Message,
    line: Line | undefined,
    pass: (message: Message) => void | Promise<void>,
    name?: string,
  ): void | Promise<void> {
    const look = (): Examined | Promise<Examined> =>
      examine(message, { name, ...(message.kind === 'notification' && tail !== '' && { before: tail }) });
    if (last === undefined) {
      const examined = look();
      if (!(examined instanceof Promise)) return judged(examined, line, pass);
      return inTurn(examined, line, pass);
    }
    return inTurn(last.then(look), line, pass);
  }

  function inTurn(
    examined: Promise<Examined>,
    line: Line | undefined,
    pass: (message: Message) => void | Promise<void>,
  ): Promise<void> {
    let passed: void | Promise<void>;
    const turn = examined
      .then((done) => void (passed = judged(done, line, pass)))
      .catch((error: unknown) =>
        log.error({ err: error, server }, 'what a server said could not be examined; it is not heard'),
      )
      .finally(() => {
        if (last === turn) last = undefined;
      });
    last = turn;
    return turn.then(() => passed);
  }

  /** What is put together with the words of others is looked at while it is still known whose it is. */
  async function gathered(response: ResponseMessage, method: string): Promise<ResponseMessage> {
    const said = await examine(response, { method, listed: requests.get(method)?.lists?.member });
    note(said.message, said.findings, said.blocked !== undefined, method);
    if (said.blocked !== undefined) throw new GenkanError('upstream_answer_invalid', { server });
    return said.message;
  }

  return {
    hear,
    async over(line, own) {
      const { initialized } = line;
      return {
        ...line,
        initialized:
          own && initialized !== undefined
            ? await gathered(initialized, 'initialize').catch(async (error: unknown) => {
                await line.close();
                throw error;
              })
            : initialized,
        async request(message, { outlet, ...options }, tool) {
          const name = message.params[message.method.startsWith('resources/') ? 'uri' : 'name'];
          const heard = through(outlet, (part) =>
            hear(part, line, (examined) => outlet.interim(examined), typeof name === 'string' ? name : undefined),
          );
          const response = await line.request(message, { ...options, outlet: heard }, tool);
          await last; // nothing that was said before the answer comes after it
          const method = requests.get(message.method);
          const isGathered = own && (message.method === 'server/discover' || method?.lists !== undefined);
          return isGathered ? gathered(response, message.method) : response;
        },
      };
    },
  };
}
