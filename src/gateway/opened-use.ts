// What a call uses once values stand again where its arguments have tokens for them.
import { isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Tokens } from '../inspect/redaction/tokens.ts';
import { isJsonObject, request } from '../protocol/message.ts';
import type { RequestMessage } from '../protocol/message.ts';
import { asWritten } from '../protocol/written-numbers.ts';
import type { Use } from './conversations/conversation.ts';

interface OpenedUse {
  readonly use: Use;
  /** The request as its server gets it; absent where it is as it came. */
  readonly asOpened?: RequestMessage;
}

export function openedUse(
  open: Tokens['open'] | undefined,
  { id: person }: Principal,
  message: RequestMessage,
  use: Use,
): OpenedUse | Refusal {
  if (open === undefined) return { use };
  const to = { person, server: use.server };
  if (message.method === 'completion/complete') return openedCompletion(open, to, message, use);
  const opened = open(use.arguments, to);
  if (isRefusal(opened)) return opened;
  if (opened.args === use.arguments) return { use };
  const { params } = asWritten(message);
  const given = params['arguments'];
  const written = isJsonObject(given) ? open(given, to) : opened;
  if (isRefusal(written)) return written;
  return {
    use: { ...use, arguments: opened.args },
    asOpened: request(message.id, message.method, { ...params, arguments: written.args }),
  };
}

/** What is typed, and what was chosen before: a server looks up both. */
function openedCompletion(
  open: Tokens['open'],
  to: Parameters<Tokens['open']>[1],
  message: RequestMessage,
  use: Use,
): OpenedUse | Refusal {
  const { argument, context } = message.params;
  const given = { ...(argument !== undefined && { argument }), ...(context !== undefined && { context }) };
  const opened = open(given, to);
  if (isRefusal(opened)) return opened;
  if (opened.args === given) return { use };
  return { use, asOpened: request(message.id, message.method, { ...message.params, ...opened.args }) };
}
