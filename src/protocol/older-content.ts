// What older revisions do not know yet: left out of a modern server's results, or told as text.
import { isJsonObject } from './message.ts';
import type { JsonObject } from './message.ts';
import type { LegacyRevision } from './revisions.ts';

/** The result of a request as a client of this revision can read it. */
export function fitResult(method: string, result: JsonObject, revision: LegacyRevision): JsonObject {
  const fit = fitters[method];
  return fit === undefined ? result : fit(result, revision);
}

/** How a server describes itself: its title came with 2025-06-18, the rest with 2025-11-25. */
export function fitImplementation(info: JsonObject, revision: LegacyRevision): JsonObject {
  if (revision >= '2025-11-25') return info;
  return without(info, revision >= '2025-06-18' ? newInfo : ['title', ...newInfo]);
}

/** What a client of 2024-11-05 could not have been told: it completes without asking whether it may. */
export function fitCapabilities(capabilities: JsonObject, revision: LegacyRevision): JsonObject {
  return revision >= '2025-03-26' ? capabilities : without(capabilities, ['completions']);
}

/** One block of content, of a result or of a message for the client's model. */
export function fitBlock(block: unknown, revision: LegacyRevision): unknown {
  if (!isJsonObject(block) || revision >= '2025-11-25') return block;
  const { type } = block;
  if (type === 'audio' && revision < '2025-03-26') return text(`[audio: ${nameOf(block['mimeType'])}]`);
  if (type === 'resource_link' && revision < '2025-06-18') return text(linkAsText(block));
  const described = type === 'resource_link' ? fitDescription(block, revision) : block;
  if (revision >= '2025-06-18') return described;
  const { resource } = described;
  return {
    ...fitAnnotations(without(described, ['_meta'])),
    ...(isJsonObject(resource) && { resource: without(resource, ['_meta']) }),
  };
}

type Fit = (value: JsonObject, revision: LegacyRevision) => JsonObject;

const fitters: Readonly<Record<string, Fit>> = {
  'tools/list': inEach('tools', fitTool),
  'prompts/list': inEach('prompts', fitPrompt),
  'resources/list': inEach('resources', fitDescription),
  'resources/templates/list': inEach('resourceTemplates', fitDescription),
  'resources/read': inEach('contents', (part, revision) => (revision < '2025-06-18' ? without(part, ['_meta']) : part)),
  'prompts/get': inEach('messages', (message, revision) => ({
    ...message,
    content: fitBlock(message['content'], revision),
  })),
  'tools/call': fitCall,
};

const newInfo = ['icons', 'websiteUrl', 'description'];

/** What describes a tool, a prompt, a resource or a template. */
function fitDescription(item: JsonObject, revision: LegacyRevision): JsonObject {
  if (revision >= '2025-11-25') return item;
  if (revision >= '2025-06-18') return without(item, ['icons']);
  return fitAnnotations(without(item, ['icons', 'title', '_meta']));
}

/** Up to 2025-11-25 an output schema describes an object; one that does not is left out. */
function fitTool(tool: JsonObject, revision: LegacyRevision): JsonObject {
  const { outputSchema, title, annotations } = tool;
  const described = revision >= '2025-06-18' && isJsonObject(outputSchema) && outputSchema['type'] === 'object';
  const fitting = fitDescription(described ? tool : without(tool, ['outputSchema']), revision);
  if (revision < '2025-03-26') return without(fitting, ['annotations']);
  if (revision >= '2025-06-18' || typeof title !== 'string') return fitting;
  return { ...fitting, annotations: { title, ...(isJsonObject(annotations) && annotations) } }; // where 2025-03-26 has it
}

function fitPrompt(prompt: JsonObject, revision: LegacyRevision): JsonObject {
  const fitting = fitDescription(prompt, revision);
  return revision >= '2025-06-18' ? fitting : inEach('arguments', (one) => without(one, ['title']))(fitting, revision);
}

/**
 * Up to 2025-11-25 structured content is an object, and before 2025-06-18 there is none: what cannot be said that way is
 * told as text, unless the server did so itself.
 */
function fitCall({ structuredContent, ...rest }: JsonObject, revision: LegacyRevision): JsonObject {
  const given = Array.isArray(rest['content']) ? (rest['content'] as unknown[]) : undefined;
  const content = given?.map((block) => fitBlock(block, revision));
  const fitting = { ...rest, ...(content && { content }) };
  if (structuredContent === undefined) return fitting;
  if (isJsonObject(structuredContent) && revision >= '2025-06-18') return { ...fitting, structuredContent };
  const told = given?.some((block) => isJsonObject(block) && block['type'] === 'text') === true;
  return told ? fitting : { ...fitting, content: [...(content ?? []), text(JSON.stringify(structuredContent))] };
}

/** `lastModified` came with 2025-06-18. */
function fitAnnotations(item: JsonObject): JsonObject {
  const { annotations } = item;
  return isJsonObject(annotations) ? { ...item, annotations: without(annotations, ['lastModified']) } : item;
}

function linkAsText({ name, title, uri, description }: JsonObject): string {
  const told = [title ?? name, uri, description].filter((part) => typeof part === 'string');
  return `[resource: ${told.join(', ')}]`;
}

const nameOf = (type: unknown): string => (typeof type === 'string' ? type : 'of an unknown type');
const text = (value: string): JsonObject => ({ type: 'text', text: value });

/** Fits each object in a list; what is none is left to the client to refuse. */
function inEach(member: string, fit: Fit): Fit {
  return (value, revision) => {
    const items = value[member];
    if (!Array.isArray(items)) return value;
    return { ...value, [member]: items.map((item: unknown) => (isJsonObject(item) ? fit(item, revision) : item)) };
  };
}

function without(value: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([member]) => !members.includes(member)));
}
