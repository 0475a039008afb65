// The attributes that conditions may look at: an allow-list, each with its type and where its value comes from.
import { noCall } from './condition.ts';
import type { Attributes, Circumstances } from './condition.ts';
import { momentAt } from './operators.ts';
import type { ValueType } from './operators.ts';
import type { AttributeNode, Source } from './syntax.ts';

export interface Attribute {
  /** How messages call it, without `genkan:`. */
  readonly label: string;
  /** `any`: what a caller sends may be anything. */
  readonly type: ValueType | 'any';
  readonly isMany: boolean;
  /** Its values are in lower case, in which Azure compares them: a comparison with capitals would never be true. */
  readonly isFolded: boolean;
  /** Known of every caller, who cannot leave it out: nothing there is nothing, not something that is not shown. */
  readonly isCertain: boolean;
  /** Of the call itself, of which nothing is known where a right is asked about without one. */
  readonly isOfCall: boolean;
  /** `undefined` where the call does not show it. */
  readonly read: (circumstances: Circumstances) => unknown;
  /** The same as operators of its type compare it, where making a text of it and reading that would cost more than deciding. */
  readonly ready?: (circumstances: Circumstances) => unknown;
}

type Row = Partial<Omit<Attribute, 'label' | 'read' | 'isOfCall'>> & Pick<Attribute, 'read'>;

const ofMap = (name: string, type: ValueType, more: Partial<Attribute> = {}): Row => ({
  type,
  read: ({ attributes }) => ownValue(attributes, name),
  ...more,
});
const folded = { isFolded: true };

/** What maps tell of the thing that a call makes or changes, by the names that they use. */
const ofMaps: Readonly<Record<string, Row>> = {
  'genkan:location': ofMap('location', 'text', folded),
  'genkan:sku': ofMap('sku', 'text', folded),
  'genkan:diskSku': ofMap('diskSku', 'text', folded),
  'genkan:tier': ofMap('tier', 'text', folded),
  'genkan:count': ofMap('count', 'number'),
  'genkan:publicIp': ofMap('publicIp', 'boolean'),
  'genkan:publicNetworkAccess': ofMap('publicNetworkAccess', 'boolean'),
  'genkan:sourcePrefix': ofMap('sourcePrefix', 'address'),
  'genkan:costClass': ofMap('costClass', 'text', folded),
  'genkan:tags': ofMap('tags', 'text', { isMany: true }),
};

const known: Readonly<Record<Source, Readonly<Record<string, Row>>>> = {
  Request: {
    'genkan:server': { read: ({ request }) => request.server },
    'genkan:tool': { read: ({ request }) => (request.primitive === 'tools' ? request.name : undefined) },
    ...ofMaps,
  },
  Resource: { 'genkan:scope': { read: ({ requirement }) => requirement.scope } },
  Principal: {
    'genkan:id': { read: ({ principal }) => principal.id },
    'genkan:clientId': { read: ({ principal }) => principal.clientId },
    'genkan:groups': { isMany: true, isCertain: true, read: ({ principal }) => principal.groups },
    'genkan:contexts': { isMany: true, isCertain: true, read: ({ principal }) => principal.contexts },
    // Whoever acts for a person (RFC 8693 §4.1) is an agent as well.
    'genkan:agent': {
      type: 'boolean',
      read: ({ principal }) => principal.kind === 'application' || principal.actors !== undefined,
    },
  },
  Environment: {
    utcNow: {
      type: 'moment',
      read: ({ nowMs }) => new Date(nowMs).toISOString(),
      ready: ({ nowMs }) => momentAt(nowMs),
    },
    'genkan:sourceIP': { type: 'address', read: ({ request }) => request.sourceIP },
  },
};

/** Attributes with a name of the writer's choice after the slash, and Azure's names for parts of a resource id. */
const open: Readonly<
  Partial<Record<Source, readonly { readonly like: string; readonly find: (name: string) => Row | undefined }[]>>
> = {
  Request: [
    { like: 'genkan:arguments/NAME', find: (name) => afterPrefix(name, 'genkan:arguments/', ofArgument) },
    { like: 'genkan:tags/NAME', find: (name) => afterPrefix(name, 'genkan:tags/', ofTag) },
  ],
  Resource: [{ like: 'Microsoft.…/TYPE:name', find: ofResourceName }],
};

/** The attribute that a condition names; names are compared without regard to case, as Azure does, save those of arguments. */
export function findAttribute({ source, name }: Pick<AttributeNode, 'source' | 'name'>): Attribute | undefined {
  const own = Object.entries(known[source]).find(([key]) => key.toLowerCase() === name.toLowerCase());
  const row = own?.[1] ?? open[source]?.map(({ find }) => find(name)).find((found) => found !== undefined);
  if (row === undefined) return undefined;
  const isOfCall = source === 'Request' || own?.[0] === 'genkan:sourceIP';
  const label = (own?.[0] ?? name).replace(/^genkan:/i, '');
  return { type: 'text', isMany: false, isFolded: false, isCertain: false, ...row, isOfCall, label };
}

/** Whether nothing is known of an attribute, not even whether it is there. */
export const isUntold = ({ isOfCall }: Attribute, { request }: Circumstances): boolean =>
  isOfCall && request === noCall;

/** What may stand between the brackets of a source. */
export const attributeNames = (source: Source): string[] => [
  ...Object.keys(known[source]),
  ...(open[source] ?? []).map(({ like }) => like),
];

/** The names under which maps give attributes. */
export const mapAttributes: readonly string[] = Object.keys(ofMaps).map((name) => name.slice('genkan:'.length));

// The names of objects that callers build are theirs: `constructor` is no argument unless they sent one.
const ownValue = (values: Attributes | Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function afterPrefix(name: string, prefix: string, make: (rest: string) => Row): Row | undefined {
  const rest = name.slice(prefix.length);
  return name.toLowerCase().startsWith(prefix) && rest.trim() === rest && rest !== '' ? make(rest) : undefined;
}

// MCP tells `location` and `Location` apart.
const ofArgument = (argument: string): Row => ({
  type: 'any',
  isMany: true,
  read: ({ request }) => ownValue(request.arguments, argument),
});

// Maps give tags as `name=value`, names in lower case.
function ofTag(tag: string): Row {
  const prefix = `${tag.toLowerCase()}=`;
  return {
    read({ attributes }) {
      const tags = ownValue(attributes, 'tags');
      if (!Array.isArray(tags)) return tags;
      return tags
        .find((each): each is string => typeof each === 'string' && each.startsWith(prefix))
        ?.slice(prefix.length);
    },
  };
}

/** `Microsoft.Storage/storageAccounts/blobServices/containers:name`: the name of the part of the scope that is of this type. */
function ofResourceName(name: string): Row | undefined {
  const type = /^([a-z]+(?:\.[a-z]+)+(?:\/[a-z]+)+):name$/.exec(name.toLowerCase())?.[1];
  return type === undefined ? undefined : { read: ({ requirement }) => nameOfType(requirement.scope, type) };
}

function nameOfType(scope: string, wanted: string): string | undefined {
  const segments = scope.split('/').slice(1);
  let type = 'microsoft.resources';
  for (let at = 0; at + 1 < segments.length; at += 2) {
    const [word = '', name = ''] = [segments[at], segments[at + 1]];
    if (word.toLowerCase() === 'providers') type = name.toLowerCase();
    else {
      type += `/${word.toLowerCase()}`;
      if (type === wanted) return name;
    }
  }
  return undefined;
}
