// Opens a client's conversation, of either era, at one server or at all of them. Here alone it is asked who may come in.
import type { Access, Primitive } from '../../access/decision.ts';
import type { Clock } from '../../base/clock.ts';
import { GenkanError, isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Language } from '../../base/text.ts';
import type { Examination } from '../../inspect/examination/examination.ts';
import type { Pins } from '../../inspect/pins/pins.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import { toModernParams } from '../../protocol/legacy-client.ts';
import type { Message } from '../../protocol/message.ts';
import { resourceUpdated } from '../../protocol/subscriptions.ts';
import type { Conversation } from './conversation.ts';
import { createEmpty } from './empty.ts';
import { createEarlyMessages } from '../lines/early-messages.ts';
import { createEars } from '../lines/ears.ts';
import type { Catalogue, Line } from '../lines/line.ts';
import { createMerged } from '../everything/merged.ts';
import type { Owners } from '../everything/origins.ts';
import { Questions } from './questions.ts';
import type { Recorder } from '../../record/entry.ts';
import { createRightsWatch } from './rights-watch.ts';
import type { GatewaySettings } from '../settings.ts';
import { asPerson, hidingSignIn } from '../sign-in-question.ts';
import { createSingle } from './single.ts';
import { createSubscribed } from './subscribed.ts';
import { openClientLine } from '../lines/translated-line.ts';
import type { LegacyOpening, ModernOpening } from '../lines/translated-line.ts';
import { createUnsigned } from './unsigned.ts';
import type { Waits } from '../everything/waits.ts';

/** How a client introduces itself: by `initialize`, or by the envelope of each request. */
export type Introduction =
  Pick<LegacyOpening, 'client' | 'initialize'> | Pick<ModernOpening, 'client' | 'envelope' | 'owner'>;

export interface Door {
  readonly settings: GatewaySettings;
  readonly access: Access;
  readonly catalogue: Catalogue;
  /** How long `/mcp` lets a person wait for each server. */
  readonly waits: (person: string) => Waits;
  readonly owners: Owners;
  /** What is not as it was approved. Absent where nothing is pinned. */
  readonly pins?: Pins | undefined;
  readonly inspect: { readonly examination: Examination };
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether there is such a server to talk with. */
export function checkServer({ catalogue }: Door, server: string | undefined): Refusal | undefined {
  const upstream = server === undefined ? undefined : catalogue.get(server);
  return isRefusal(upstream) ? upstream : undefined;
}

/**
 * @param server undefined for all servers together
 * @param push takes what servers say unasked
 * @param language in which the person reads what Genkan puts into it
 * @throws GenkanError when the server cannot be reached
 */
export async function openConversation(
  { settings, access, catalogue, waits, owners, pins, ...neighbours }: Door,
  principal: Principal,
  server: string | undefined,
  introduction: Introduction,
  push: (message: Message) => void,
  language: Language,
): Promise<Conversation> {
  const { log } = neighbours;
  const era = introduction.client;
  const initialize = introduction.client === 'legacy' ? introduction.initialize : undefined;
  const questions = new Questions(era);
  const mayUse = (name: string): boolean => access.reaches(principal, name);
  const servers = (): readonly string[] =>
    server === undefined ? catalogue.names().filter(mayUse) : mayUse(server) ? [server] : [];
  const rights = createRightsWatch({ access, reachable: () => servers().join(' '), push });
  /** As he came last: his groups may be others by now. */
  let person = principal;
  const subscribed = createSubscribed(
    (at, name) =>
      access.decide(person, { server: at, primitive: 'resources', name, arguments: {} }).outcome === 'allow',
  );
  const recheck = (who: Principal): void => rights.recheck((person = who));

  /** What the one server of the address says. Of what belongs to no subscription a client of the older era hears nothing. */
  function hear(message: Message, line: Line): Message | undefined {
    const updated = era === 'legacy' && message.kind === 'notification' && message.method === resourceUpdated;
    return updated ? subscribed.heard(line.server, message) : questions.ask(message, line);
  }

  let changed = (_server: string, kind: Primitive): void => rights.say(kind);

  async function open(name: string, hear: (message: Message, line: Line) => void, own = false): Promise<Line> {
    let line: Line | undefined;
    const early = createEarlyMessages();
    const ears = createEars({ ...neighbours, server: name, who: () => person, language });
    const tell = (message: Message): void | Promise<void> => {
      if (line === undefined) return early.keep(message);
      const from = line;
      return ears.hear(message, from, (examined) => hear(examined, from));
    };
    const mine = asPerson(catalogue, name, principal);
    const pinned = { pins, onPinned: (kind: Primitive) => changed(name, kind) };
    const opening = { catalogue: mine, server: name, person: principal.id, settings, push: tell, ...pinned, log, own };
    const opened = openClientLine({ ...opening, ...introduction });
    line = await ears.over(mine === catalogue ? await opened : hidingSignIn(await opened), own);
    for (const message of early.release()) void tell(message);
    return line;
  }

  function unsigned(error: unknown): GenkanError {
    if (era === 'modern' && error instanceof GenkanError && error.code === 'upstream_sign_in_required') return error;
    throw error;
  }

  if (server !== undefined) {
    if (!mayUse(server)) return { ...createEmpty(era, server, () => !mayUse(server)), rights, recheck };
    const tell = (message: Message, from: Line): void => {
      const shown = hear(message, from);
      if (shown !== undefined) push(shown);
    };
    const line = await open(server, tell).catch(unsigned);
    if (line instanceof GenkanError) return { ...createUnsigned(line), rights, recheck };
    const single = createSingle(line, { era, hear, questions, subscribed });
    return { ...single, initialize, rights, recheck, alive: () => mayUse(server) && single.alive() };
  }
  const merged = createMerged({
    era,
    servers,
    open: (name, tell) => open(name, tell, true),
    push,
    say: rights.say,
    envelope: introduction.client === 'modern' ? toModernParams({}, quiet(introduction.envelope)) : {},
    questions,
    subscribed,
    waits: waits(principal.id),
    owners,
    withheld: (at, primitive) => pins?.names(at, primitive) ?? [],
    log,
  });
  changed = (at, kind) => {
    merged.changed(at, kind);
    rights.say(kind);
  };
  return {
    ...merged,
    initialize,
    rights,
    recheck(who) {
      merged.follow();
      recheck(who);
    },
  };
}

/** What Genkan asks on its own account is nobody's request, so that nobody hears what a server logs about it. */
const quiet = ({ logLevel: _level, ...envelope }: Envelope): Envelope => envelope;
