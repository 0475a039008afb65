// What a modern server asks for in a result (MCP 2026-07-28, multi round-trip requests), as questions to a legacy client.
import { foreign, isWebAddress, maxQuestions, withMeta } from './between-families.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject } from './message.ts';
import { fitBlock } from './older-content.ts';
import type { LegacyRevision } from './revisions.ts';

/** Who is asked: the revision that was agreed on, and what the client can be asked, in modern terms. */
export interface Asked {
  readonly revision: LegacyRevision;
  readonly capabilities: JsonObject;
}

export interface Question {
  readonly method: string;
  readonly params: JsonObject;
}

export interface InputRequired {
  /** By the server's own keys. */
  readonly questions: ReadonlyMap<string, Question>;
  /** Goes back as it came. */
  readonly requestState: string | undefined;
}

/** Why nothing is asked: the server broke the rules, or the client did not declare that it can be asked this. */
export interface Unaskable {
  readonly problem: 'malformed' | 'undeclared';
  readonly detail: string;
}

/** Nothing that a server has to remember is larger. */
const maxStateLength = 262_144;
const maxKeyLength = 256;

/** Reads a whole result before anything of it is asked: a person is not asked for what cannot lead anywhere. */
export function readInputRequired(result: JsonObject, asked: Asked, ownId: () => string): InputRequired | Unaskable {
  const { inputRequests = {}, requestState } = result;
  if (requestState !== undefined && (typeof requestState !== 'string' || requestState.length > maxStateLength))
    return malformed('its requestState is no text, or too long');
  if (!isJsonObject(inputRequests)) return malformed('its inputRequests are no object');
  const requests = Object.entries(inputRequests);
  if (requests.length === 0 && requestState === undefined) return malformed('it asks for input without saying which');
  if (requests.length > maxQuestions) return malformed(`it asks more than ${maxQuestions} questions at once`);
  const questions = new Map<string, Question>();
  for (const [key, request] of requests) {
    if (key.length > maxKeyLength) return malformed('a key of its inputRequests is too long');
    const question = toLegacyQuestion(request, asked, ownId);
    if ('problem' in question) return question;
    questions.set(key, question);
  }
  return { questions, requestState };
}

function toLegacyQuestion(request: unknown, asked: Asked, ownId: () => string): Question | Unaskable {
  const { method, params = {} } = isJsonObject(request) ? request : {};
  if (!isJsonObject(params)) return malformed('the parameters of a question are no object');
  const { _meta, task: _task, ...rest } = params;
  const own = { ...rest, ...withMeta(foreign(_meta)) };
  if (method === 'roots/list') return askedFor('roots', asked, () => ({ method, params: withMeta(foreign(_meta)) }));
  if (method === 'sampling/createMessage') return askedFor('sampling', asked, () => toSampling(own, asked));
  if (method === 'elicitation/create') return askedFor('elicitation', asked, () => toElicitation(own, asked, ownId));
  return malformed('it asks for something else than elicitation, sampling or roots');
}

function askedFor(capability: string, { capabilities }: Asked, ask: () => Question | Unaskable): Question | Unaskable {
  return capabilities[capability] === undefined ? undeclared(capability) : ask();
}

function toElicitation(
  { mode = 'form', ...params }: JsonObject,
  { revision, capabilities }: Asked,
  ownId: () => string,
): Question | Unaskable {
  const method = 'elicitation/create';
  const { message, url, requestedSchema } = params;
  const modes = capabilities['elicitation'] as JsonObject;
  if ((mode !== 'form' && mode !== 'url') || typeof message !== 'string')
    return malformed('an elicitation is malformed');
  if (modes[mode] === undefined) return undeclared(`elicitation.${mode}`);
  if (mode === 'url') {
    if (!isWebAddress(url)) return malformed('it asks a person to open what is no web address');
    return { method, params: { ...params, mode, elicitationId: ownId() } }; // 2025-11-25 wants one, 2026-07-28 has none
  }
  if (!isJsonObject(requestedSchema)) return malformed('an elicitation has no schema');
  if (revision >= '2025-11-25') return { method, params: { ...params, mode } };
  const fitting = fitForm(requestedSchema);
  return fitting === undefined
    ? undeclared('elicitation of several choices')
    : { method, params: { ...params, requestedSchema: fitting } };
}

/** In 2025-06-18 titled choices are written in another way, and several at once cannot be asked for. Undefined when they have to be. */
function fitForm(schema: JsonObject): JsonObject | undefined {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return schema;
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    if (!isJsonObject(field)) return [[name, field] as const];
    if (field['type'] === 'array') return [];
    const { oneOf, ...rest } = field;
    if (!Array.isArray(oneOf) || !oneOf.every(isJsonObject)) return [[name, field] as const];
    const enumNames = oneOf.map(({ title }) => title);
    return [[name, { ...rest, enum: oneOf.map((choice) => choice['const']), enumNames }] as const];
  });
  const left = new Set(fields.map(([name]) => name));
  const missing =
    Array.isArray(required) &&
    required.some((name) => typeof name === 'string' && Object.hasOwn(properties, name) && !left.has(name));
  return missing ? undefined : { ...schema, properties: Object.fromEntries(fields) };
}

function toSampling(params: JsonObject, { revision, capabilities }: Asked): Question | Unaskable {
  const method = 'sampling/createMessage';
  const { messages, includeContext, ...rest } = params;
  const { tools, context } = capabilities['sampling'] as JsonObject;
  if (!Array.isArray(messages)) return malformed('a question for the model has no messages');
  if (tools === undefined && (rest['tools'] !== undefined || rest['toolChoice'] !== undefined))
    return undeclared('sampling.tools');
  const included = context === undefined && revision >= '2025-11-25' ? undefined : includeContext;
  return {
    method,
    params: {
      ...rest,
      messages: revision >= '2025-11-25' ? messages : messages.flatMap((message) => fitMessage(message, revision)),
      ...(included !== undefined && { includeContext: included }),
    },
  };
}

/** Before 2025-11-25 a message has one block of content; one with several becomes several. */
function fitMessage(message: unknown, revision: LegacyRevision): unknown[] {
  if (!isJsonObject(message)) return [message];
  const { content, _meta, ...rest } = message;
  const blocks = Array.isArray(content) ? (content as unknown[]) : [content];
  return blocks.map((block) => ({ ...rest, content: fitBlock(block, revision) }));
}

const malformed = (detail: string): Unaskable => ({ problem: 'malformed', detail });
const undeclared = (capability: string): Unaskable => ({
  problem: 'undeclared',
  detail: `The server needs ${capability}, which this client did not declare`,
});
