// What a call reads and where it sends: by the administrator's labels, those that Genkan brings along, and then the tool's own hint.
import { fits } from '../examination/policy.ts';
import { readings, sendings } from './settings.ts';
import type { Reading, Sending, TaintSettings, WrittenLabel } from './settings.ts';
import { folded, otherSpellings } from './spellings.ts';

export interface Labels {
  readonly reads: readonly Reading[];
  readonly sends: Sending;
}

/** A call, as far as labels are about it. */
export interface Labelled {
  readonly server: string;
  /** Tool, prompt or resource; absent of what belongs to none. */
  readonly name?: string | undefined;
  /** Actions and data actions that it needs. */
  readonly actions: readonly string[];
  /** `annotations.openWorldHint` of the tool. A server's own word: it can make its tool stricter, never freer. */
  readonly openWorld?: boolean | undefined;
}

/**
 * For tools that a map of Azure knows. They go by the operation, so a tool that routes commands is labelled by the command.
 * Their own `openWorldHint` says nothing more: which operation a call is, Genkan knows better.
 */
export const shipped: readonly WrittenLabel[] = [
  // Anybody may write what these hold: senders of requests, mails and events, and whoever fills in a form.
  {
    match: {
      actions: [
        'Microsoft.OperationalInsights/workspaces/query/*',
        'Microsoft.Insights/logs/*',
        'Microsoft.Kusto/clusters/databases/*',
      ],
    },
    reads: ['private', 'untrusted'],
  },
  {
    match: {
      actions: [
        'Microsoft.Storage/*/queues/messages/read',
        'Microsoft.Storage/*/queues/messages/process/action',
        'Microsoft.ServiceBus/*/receive/action',
        'Microsoft.EventHub/*/receive/action',
      ],
    },
    reads: ['private', 'untrusted'],
    sends: 'none',
  },
  {
    match: {
      actions: [
        'Microsoft.KeyVault/vaults/secrets/getSecret/action',
        'Microsoft.KeyVault/vaults/*/read',
        'Microsoft.AppConfiguration/configurationStores/keyValues/read',
        'Microsoft.Storage/*/blobs/read',
        'Microsoft.Storage/*/entities/read',
        'Microsoft.Storage/*/files/read',
        'Microsoft.DocumentDB/*/items/read',
        'Microsoft.DocumentDB/*/entities/read',
        'Microsoft.DocumentDB/*/executeQuery',
        'Microsoft.DocumentDB/*/readChangeFeed',
        'Microsoft.Search/searchServices/indexes/documents/read',
        'Microsoft.DocumentDB/databaseAccounts/readonlykeys/action',
        // Rows are read with a login of the database; Azure has no operation of its own for that.
        'Microsoft.DBforMySQL/*/read',
        'Microsoft.DBforPostgreSQL/*/read',
        'Microsoft.ConfidentialLedger/ledgers/transactions/read',
        // Keys, connection strings and secrets are listed by actions of the first form, and answered by the second.
        'Microsoft.*/list*/action',
        'Microsoft.*/regenerate*/action',
      ],
    },
    reads: ['private'],
  },
  // Mail and text messages, to whomever the arguments name; and commands and workflows, which send wherever they like.
  {
    match: {
      actions: [
        'Microsoft.Communication/*/write',
        'Microsoft.Logic/workflows/*run/action',
        'Microsoft.Web/*/triggers/run/action',
        'Microsoft.*/exec/action',
        'Microsoft.*/runCommand/action',
        'Microsoft.*/runCommands/write',
      ],
    },
    sends: 'public',
  },
  // Those that only read.
  {
    match: {
      actions: [
        'Microsoft.*/list*/action',
        'Microsoft.KeyVault/vaults/secrets/getSecret/action',
        'Microsoft.DocumentDB/databaseAccounts/readonlykeys/action',
      ],
    },
    sends: 'none',
  },
  { match: { actions: ['Microsoft.*/write', 'Microsoft.*/action'] }, sends: 'internal' },
  { match: { actions: ['Microsoft.*'] }, reads: [], sends: 'none' },
];

const maxRemembered = 10_000;
const maxName = 512;

export function createLabels({
  labels,
  unlabelled,
}: Pick<TaintSettings, 'labels' | 'unlabelled'>): (about: Labelled) => Labels {
  const compiled = [...labels, ...shipped].map(({ match, reads, sends }) => ({
    isAbout: compile(match),
    isAboutOtherSpelling: compile({ ...match, tools: match.tools?.map(folded) }),
    reads,
    sends,
  }));
  const remembered = new Map<string, Labels>();

  function written(about: Labelled, by: 'isAbout' | 'isAboutOtherSpelling'): Partial<Labels> {
    const fitting = compiled.filter((label) => label[by](about));
    return {
      reads: fitting.find(({ reads }) => reads !== undefined)?.reads,
      sends: fitting.find(({ sends }) => sends !== undefined)?.sends,
    };
  }

  /** A server may take other spellings of an address for the same: their labels make it stricter, never freer. */
  function find(about: Labelled): Labels {
    const isOpen = unlabelled === 'open' || (unlabelled === 'hint' && about.openWorld === true);
    const { reads = isOpen ? ['untrusted'] : [], sends = isOpen ? 'public' : 'none' } = written(about, 'isAbout');
    const others = otherSpellings(about.name).map((name) => written({ ...about, name }, 'isAboutOtherSpelling'));
    if (others.length === 0) return { reads, sends };
    const read = [reads, ...others.map((other) => other.reads ?? [])].flat();
    const sent = [sends, ...others.map((other) => other.sends)];
    return {
      reads: readings.filter((reading) => read.includes(reading)),
      sends: sendings.find((sending) => sent.includes(sending)) ?? sends,
    };
  }

  return (about) => {
    const { server, name, actions, openWorld } = about;
    if (name !== undefined && name.length > maxName) return find(about); // callers' text, up to a whole message
    const key = JSON.stringify([server, name, openWorld, actions]);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const found = find(about);
    if (remembered.size >= maxRemembered) remembered.clear(); // names of resources are callers' text
    remembered.set(key, found);
    return found;
  };
}

/** What names tools or actions fits nothing that belongs to none. Actions of Azure are the same in any case of their letters. */
export function compile({ servers, tools, actions }: WrittenLabel['match']): (about: Labelled) => boolean {
  const lower = actions?.map((pattern) => pattern.toLowerCase());
  return ({ server, name, actions: needed }) =>
    servers?.some((pattern) => fits(pattern, server)) !== false &&
    tools?.some((pattern) => name !== undefined && fits(pattern, name)) !== false &&
    lower?.some((pattern) => needed.some((action) => fits(pattern, action.toLowerCase()))) !== false;
}
