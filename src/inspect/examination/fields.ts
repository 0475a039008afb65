// Data minimisation: of the results of some tools only listed fields pass. What cannot be told by field is kept back.
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { INTERNAL_ERROR, URL_ELICITATION_REQUIRED } from '../../protocol/between-families.ts';
import { failure, isJsonObject, result } from '../../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../../protocol/message.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import { keptBackText } from './texts.ts';

type Keep = readonly (readonly string[])[];

/** The result of a tool with only these fields, in `structuredContent` and in text that is JSON. Questions of the server pass. */
export function withFields(response: ResponseMessage, keep: Keep, language: Language): ResponseMessage {
  const { error } = response;
  if (error !== undefined)
    return error.code === URL_ELICITATION_REQUIRED ? response : failure(response.id, keptBack(error, language));
  if (response.result === undefined || response.result['resultType'] === 'input_required') return response;
  const written = asWritten(response).result!;
  if (written['content'] !== undefined || written['structuredContent'] !== undefined)
    return result(response.id!, picked(written, keep, language));
  return result(response.id!, ofTask(written, keep, language));
}

/** What a task is known by; what its call has come to stands in it, or comes later. */
function ofTask(written: JsonObject, keep: Keep, language: Language): JsonObject {
  const { result: outcome, error, statusMessage, task, ...rest } = written;
  const state: JsonObject = Object.fromEntries(Object.entries(rest).filter(([name]) => ofTasks.has(name)));
  return {
    ...state,
    ...ownMeta(rest),
    ...(isJsonObject(task) && { task: ofTask(task, [], language) }),
    ...(isJsonObject(outcome) && { result: picked(outcome, keep, language) }),
    ...(error !== undefined && { error: keptBack(error, language) }),
    ...(statusMessage !== undefined && { statusMessage: t(keptBackText, language) }),
  };
}

/** MCP 2025-11-25, schema `Task`; extension io.modelcontextprotocol/tasks, schema `DetailedTask`. */
const ofTasks: ReadonlySet<string> = new Set([
  'resultType',
  'taskId',
  'status',
  'createdAt',
  'lastUpdatedAt',
  'ttl',
  'ttlMs',
  'pollInterval',
  'pollIntervalMs',
  'inputRequests',
]);

function ownMeta({ _meta: meta }: JsonObject): JsonObject {
  const own = isJsonObject(meta)
    ? Object.entries(meta).filter(([name]) => name.startsWith('io.modelcontextprotocol/'))
    : [];
  return own.length === 0 ? {} : { _meta: Object.fromEntries(own) };
}

/** Of an error its code, which clients go by. */
const keptBack = (error: unknown, language: Language) => {
  const code = isJsonObject(error) && typeof error['code'] === 'number' ? error['code'] : INTERNAL_ERROR;
  return { code, message: t(keptBackText, language) };
};

function picked(written: JsonObject, keep: Keep, language: Language): JsonObject {
  const { content, structuredContent, ...rest } = written;
  return {
    ...(rest['resultType'] !== undefined && { resultType: rest['resultType'] }),
    ...(rest['isError'] !== undefined && { isError: rest['isError'] === true }),
    ...ownMeta(rest),
    ...(structuredContent !== undefined && { structuredContent: pick(structuredContent, keep) ?? {} }),
    content: Array.isArray(content) ? content.map((item) => kept(item, keep, language)) : [],
  };
}

function kept(item: unknown, keep: Keep, language: Language): JsonObject {
  const text = isJsonObject(item) && item['type'] === 'text' ? item['text'] : undefined;
  const value = typeof text === 'string' ? jsonIn(text) : undefined;
  const left = value === undefined ? undefined : pick(value, keep);
  return { type: 'text', text: left === undefined ? t(keptBackText, language) : JSON.stringify(left) };
}

/** An object or array, with its numbers as they were written. */
function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text, (_name, each: unknown, { source }: { source?: string } = {}) =>
      typeof each === 'number' && source !== undefined && String(each) !== source ? JSON.rawJSON(source) : each,
    );
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // text that is no JSON, or nests too deep to be read
  }
}

/** @returns undefined where nothing of it passes */
function pick(value: unknown, keep: Keep): unknown {
  if (keep.some((tokens) => tokens.length === 0)) return value;
  const below = (name: string): Keep =>
    keep.filter(([first]) => first === '*' || first === name).map((tokens) => tokens.slice(1));
  if (Array.isArray(value)) {
    const items = value.map((item, index) => pick(item, below(String(index)))).filter((item) => item !== undefined);
    return items.length === 0 && value.length > 0 ? undefined : items;
  }
  if (!isJsonObject(value)) return undefined;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const left = pick(member, below(name));
    return left === undefined ? [] : [[name, left] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** In the list such a tool promises no schema of its results: they do not keep to it any more. */
export function withoutOutputSchemas(
  response: ResponseMessage,
  isConcerned: (tool: string) => boolean,
): ResponseMessage {
  const listed = response.result?.['tools'];
  if (!Array.isArray(listed)) return response;
  const concerns = (tool: unknown): tool is JsonObject =>
    isJsonObject(tool) && tool['outputSchema'] !== undefined && isConcerned(String(tool['name']));
  if (!listed.some(concerns)) return response;
  const written = asWritten(response).result!;
  const tools = (written['tools'] as unknown[]).map((tool) => {
    if (!concerns(tool)) return tool;
    const { outputSchema: _schema, ...rest } = tool;
    return rest;
  });
  return result(response.id!, { ...written, tools });
}
