// Opens a client's conversation, of either era, at one server or at all of them. Here alone it is asked who may come in.
import type { Access } from '../../access/decision.ts';
import { GenkanError, isRefusal } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import type { Envelope } from '../../protocol/envelope.ts';
import { toModernParams } from '../../protocol/legacy-client.ts';
import type { Message } from '../../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import { createEmpty } from './empty.ts';
import type { Catalogue, Line } from '../lines/line.ts';
import { createMerged } from '../everything/merged.ts';
import type { Owners } from '../everything/origins.ts';
import { Questions } from './questions.ts';
import { createRightsWatch } from './rights-watch.ts';
import type { GatewaySettings } from '../settings.ts';
import { asPerson, hidingSignIn } from '../sign-in-question.ts';
import { createSingle } from './single.ts';
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
  /** How long `/mcp` waits for each server. */
  readonly waits: Waits;
  readonly owners: Owners;
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
 * @throws GenkanError when the server cannot be reached
 */
export async function openConversation(
  { settings, access, catalogue, waits, owners, log }: Door,
  principal: Principal,
  server: string | undefined,
  introduction: Introduction,
  push: (message: Message) => void,
): Promise<Conversation> {
  const era = introduction.client;
  const initialize = introduction.client === 'legacy' ? introduction.initialize : undefined;
  const questions = new Questions(era);
  const mayUse = (name: string): boolean => access.reaches(principal, name);
  const servers = (): readonly string[] =>
    server === undefined ? catalogue.names().filter(mayUse) : mayUse(server) ? [server] : [];
  const rights = createRightsWatch({ access, reachable: () => servers().join(' '), push });
  const recheck = rights.recheck;

  async function open(name: string, hear: (message: Message) => void, prefix?: string): Promise<Line> {
    let line: Line | undefined;
    const early: Message[] = []; // said before the line stood
    const ask = (message: Message): void => {
      if (line === undefined) return void early.push(message);
      const shown = questions.ask(message, line, prefix);
      if (shown !== undefined) hear(shown);
    };
    const own = prefix !== undefined;
    const mine = asPerson(catalogue, name, principal.id);
    const opened = openClientLine({ catalogue: mine, server: name, settings, push: ask, log, own, ...introduction });
    line = mine === catalogue ? await opened : hidingSignIn(await opened);
    for (const message of early.splice(0)) ask(message);
    return line;
  }

  function unsigned(error: unknown): GenkanError {
    if (era === 'modern' && error instanceof GenkanError && error.code === 'upstream_sign_in_required') return error;
    throw error;
  }

  if (server !== undefined) {
    if (!mayUse(server)) return { ...createEmpty(era, server, () => !mayUse(server)), rights, recheck };
    const line = await open(server, push).catch(unsigned);
    if (line instanceof GenkanError) return { ...createUnsigned(line), rights, recheck };
    const single = createSingle(line, era, questions);
    return { ...single, initialize, rights, recheck, alive: () => mayUse(server) && single.alive() };
  }
  const merged = createMerged({
    era,
    servers,
    open: (name, hear) => open(name, hear, name),
    push,
    say: rights.say,
    envelope: introduction.client === 'modern' ? toModernParams({}, quiet(introduction.envelope)) : {},
    questions,
    waits,
    owners,
    log,
  });
  return {
    ...merged,
    initialize,
    rights,
    recheck(who) {
      merged.follow();
      rights.recheck(who);
    },
  };
}

/** What Genkan asks on its own account is nobody's request, so that nobody hears what a server logs about it. */
const quiet = ({ logLevel: _level, ...envelope }: Envelope): Envelope => envelope;
