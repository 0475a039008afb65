// Opens a client's conversation, of either era, at one server or at all of them. Here alone it is asked who may come in.
import type { Access } from '../access/decision.ts';
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { Message } from '../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import { createEmpty } from './empty.ts';
import type { Catalogue, Line } from './line.ts';
import { createMerged } from './merged.ts';
import { Questions } from './questions.ts';
import type { GatewaySettings } from './settings.ts';
import { asPerson, hidingSignIn } from './sign-in-question.ts';
import { createSingle } from './single.ts';
import { openClientLine } from './translated-line.ts';
import type { LegacyOpening, ModernOpening } from './translated-line.ts';
import { createUnsigned } from './unsigned.ts';

/** How a client introduces itself: by `initialize`, or by the envelope of each request. */
export type Introduction =
  Pick<LegacyOpening, 'client' | 'initialize'> | Pick<ModernOpening, 'client' | 'envelope' | 'owner'>;

export interface Door {
  readonly settings: GatewaySettings;
  readonly access: Access;
  readonly catalogue: Catalogue;
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
  { settings, access, catalogue, log }: Door,
  principal: Principal,
  server: string | undefined,
  introduction: Introduction,
  push: (message: Message) => void,
): Promise<Conversation> {
  const era = introduction.client;
  const initialize = introduction.client === 'legacy' ? introduction.initialize : undefined;
  const questions = new Questions(era);
  const mayUse = (name: string): boolean => access.reaches(principal, name);

  async function open(name: string, prefix?: string): Promise<Line> {
    let line: Line | undefined;
    const early: Message[] = []; // said before the line stood
    const hear = (message: Message): void => {
      if (line === undefined) return void early.push(message);
      const shown = questions.ask(message, line, prefix);
      if (shown !== undefined) push(shown);
    };
    const own = prefix !== undefined;
    const mine = asPerson(catalogue, name, principal.id);
    const opened = openClientLine({ catalogue: mine, server: name, settings, push: hear, log, own, ...introduction });
    line = mine === catalogue ? await opened : hidingSignIn(await opened);
    for (const message of early.splice(0)) hear(message);
    return line;
  }

  function unsigned(error: unknown): GenkanError {
    if (era === 'modern' && error instanceof GenkanError && error.code === 'upstream_sign_in_required') return error;
    throw error;
  }

  if (server !== undefined) {
    if (!mayUse(server)) return createEmpty(era, server, () => !mayUse(server));
    const line = await open(server).catch(unsigned);
    if (line instanceof GenkanError) return createUnsigned(line);
    const single = createSingle(line, era, questions);
    return { ...single, initialize, alive: () => mayUse(server) && single.alive() };
  }
  const merged = createMerged({
    era,
    servers: () => catalogue.names().filter(mayUse),
    open: (name) => open(name, name),
    questions,
    deadlineMs: settings.listDeadlineSeconds * 1000,
    log,
  });
  return { ...merged, initialize };
}
