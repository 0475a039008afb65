// A server that asks people to sign in: speaks with it as the person of the conversation, and puts the sign-in to clients that can ask.
import { describe, isRefusal, refuse } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Language } from '../base/text.ts';
import { mayAsk, URL_ELICITATION_REQUIRED } from '../protocol/between-families.ts';
import { reservedPrefix } from '../protocol/envelope.ts';
import { failure, isJsonObject, result } from '../protocol/message.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { latestLegacy } from '../protocol/revisions.ts';
import type { Catalogue, Line } from './lines/line.ts';
import { answerTo, withoutAnswer } from './own-questions.ts';

/** A server as one person may speak with it; the very catalogue where everybody comes as Genkan. */
export function asPerson(catalogue: Catalogue, server: string, { id, kind }: Principal): Catalogue {
  const upstream = catalogue.get(server);
  if (isRefusal(upstream) || upstream.for === undefined) return catalogue;
  // An agent that acts for itself has nobody whose name, or account, could be used.
  const personal = kind === 'user' ? upstream.for(id) : refuse('upstream_needs_person', { server });
  return { ...catalogue, get: (name) => (name === server ? personal : catalogue.get(name)) };
}

const questionKey = 'genkan-sign-in';
/** Refusals that a sign-in at `data.url` lifts. */
const asking: ReadonlySet<string> = new Set<ErrorCode>([
  'upstream_sign_in_required',
  'identity_local_browser',
  'identity_local_device_code',
]);

/**
 * The sign-in that a refusal is about, put as a question; undefined when it is about none, or the client cannot ask.
 * @param initialize with which a legacy client began; a modern one says with every message what it can
 */
export function signInQuestion(
  message: RequestMessage,
  refusal: Pick<Refusal, 'code' | 'params' | 'data'>,
  language: Language,
  initialize?: RequestMessage,
): ResponseMessage | undefined {
  const url = refusal.data?.['url'];
  if (!asking.has(refusal.code) || typeof url !== 'string') return undefined;
  const text = describe(refusal, language).message;
  if (initialize !== undefined) {
    const { protocolVersion, capabilities } = initialize.params;
    if (protocolVersion !== latestLegacy || !asksByUrl(capabilities)) return undefined;
    const elicitation = { mode: 'url', elicitationId: url.slice(-32), url, message: text };
    return failure(message.id, {
      code: URL_ELICITATION_REQUIRED,
      message: text,
      data: { ...refusal.data, elicitations: [elicitation] },
    });
  }
  const { _meta: meta, requestState } = message.params;
  const can = isJsonObject(meta) && asksByUrl(meta[`${reservedPrefix}clientCapabilities`]);
  const answer = answerTo(message, questionKey);
  const wasDeclined = answer !== undefined && answer['action'] !== 'accept';
  if (!can || !mayAsk.has(message.method) || wasDeclined) return undefined;
  return result(message.id, {
    resultType: 'input_required',
    inputRequests: { [questionKey]: { method: 'elicitation/create', params: { mode: 'url', message: text, url } } },
    ...(typeof requestState === 'string' && { requestState }), // what the server gave stays the server's
  });
}

/** A line whose server does not see how its person was asked to sign in. */
export function hidingSignIn(line: Line): Line {
  return {
    ...line,
    request: (message, options, tool) => line.request(withoutSignIn(message), options, tool),
  };
}

/** Takes out the answer to our own question, which is none of the server's business. */
export const withoutSignIn = <Any extends Message>(message: Any): Any | RequestMessage =>
  withoutAnswer(message, questionKey);

function asksByUrl(capabilities: unknown): boolean {
  const elicitation = isJsonObject(capabilities) ? capabilities['elicitation'] : undefined;
  return isJsonObject(elicitation) && isJsonObject(elicitation['url']);
}
