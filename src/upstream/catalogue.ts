// The servers behind the door: those of the configuration and those added while running, kept in the control database.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Database } from '../state/database.ts';
import type { Era, RequestMessage } from '../protocol/message.ts';
import { actsAs } from './acts-as.ts';
import type { ActsAs } from './acts-as.ts';
import type { Upstream } from './channel.ts';
import { createServerStore, noServers } from './server-store.ts';
import type { StoredServer } from './server-store.ts';
import { serverName, serverSettings } from './settings.ts';
import type { ServerSettings, UpstreamSettings } from './settings.ts';
import { createUpstream } from './upstream.ts';
import type { UpstreamNeighbours } from './transport.ts';

/** A row of `server list`. */
export interface ServerRow {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly icon?: string;
  readonly kind: 'stdio' | 'http' | 'builtin';
  readonly actsAs: ActsAs;
  /** `configuration`, or the id of the person who added it. */
  readonly addedBy: string;
  readonly approved: boolean;
  /** Whether it runs in a sandbox. */
  readonly isolated: false;
  /** As far as somebody has used them; absent until then. */
  readonly eras?: readonly Era[];
  /** Conversations open now. */
  readonly open: number;
  /** For administrators; nothing secret. */
  readonly lastError?: string;
}

export interface Catalogue {
  /** Servers that may be used now, sorted by name. */
  names(): readonly string[];
  /** @returns refusal `upstream_unknown` or `upstream_not_approved` */
  get(name: string): Upstream | Refusal;
  list(): readonly ServerRow[];
  /**
   * Adds a server for good; usable at once if its settings say `approved`.
   * @param settings parsed by `serverSettings`
   * @param by id of the principal who adds it
   * @returns refusal `upstream_name_taken`
   * @throws ZodError when name or settings are not valid
   */
  add(name: string, settings: ServerSettings, by: string): Promise<Refusal | undefined>;
  /**
   * Removes an added server for good and ends its conversations.
   * @returns refusal `upstream_unknown`, or `upstream_configured` for one that stands in the configuration
   */
  remove(name: string): Promise<Refusal | undefined>;
  /** Lets a server be used that was off until now. @returns refusal `upstream_unknown` */
  approve(name: string, by: string): Promise<Refusal | undefined>;
  /** Takes a server out of use until it is approved again, and ends its conversations. @returns refusal `upstream_unknown` */
  disable(name: string, by: string): Promise<Refusal | undefined>;
  /** Takes over what another process has decided about a server; what is the same already is left as it is. */
  follow(name: string): Promise<void>;
  /** Ends whatever runs in the name of one person at any server, at once; what they may do afterwards is decided elsewhere. */
  endPerson(person: string): Promise<void>;
  /** Ends every conversation and waits until all children are gone. */
  close(): Promise<void>;
}

export interface CatalogueNeighbours extends UpstreamNeighbours {
  /** Absent where servers come from the configuration alone. */
  readonly database?: Database | undefined;
  /** Called after every change of what `names` and `get` answer. */
  readonly onChange?: () => void;
}

interface Entry {
  readonly settings: ServerSettings;
  readonly upstream: Upstream;
  readonly addedBy: string;
  readonly configured: boolean;
  approved: boolean;
  eras?: readonly Era[];
}

/** @param configured servers of the configuration; an added one of the same name gives way to it */
export async function createCatalogue(
  configured: UpstreamSettings,
  { database, onChange = () => {}, ...neighbours }: CatalogueNeighbours,
): Promise<Catalogue> {
  const store = database === undefined ? noServers : createServerStore(database, neighbours.clock, neighbours.log);
  const entries = new Map<string, Entry>();

  function enter(name: string, settings: ServerSettings, by: Pick<Entry, 'addedBy' | 'approved' | 'configured'>): void {
    const upstream = createUpstream(name, settings, neighbours);
    const entry: Entry = { settings, ...by, upstream: observed(upstream) };
    function observed(observing: Upstream): Upstream {
      const { for: personal } = observing;
      return { ...observing, eraFor, ...(personal && { for: (person) => observed(personal(person)) }) };

      async function eraFor(client: Era, initialize?: RequestMessage): Promise<Era> {
        const spoken = await observing.eraFor(client, initialize);
        if (entry.eras?.includes(spoken) !== true) entry.eras = [...(entry.eras ?? []), spoken];
        return spoken;
      }
    }
    entries.set(name, entry);
  }

  for (const [name, settings] of Object.entries(configured)) {
    enter(name, settings, { addedBy: 'configuration', approved: settings.approved, configured: true });
  }
  for (const { name, settings, approved, addedBy } of await store.load()) {
    const entry = entries.get(name);
    if (settings !== undefined && entry === undefined) enter(name, settings, { addedBy, approved, configured: false });
    if (settings === undefined && entry !== undefined) entry.approved = approved;
  }

  async function setApproved(name: string, approved: boolean, by: string): Promise<Refusal | undefined> {
    const entry = entries.get(name);
    if (entry === undefined) return refuse('upstream_unknown', { server: name });
    const { configured, settings, addedBy } = entry;
    await store.save(configured ? { name, approved, addedBy: by } : { name, settings, approved, addedBy });
    entry.approved = approved;
    onChange();
    return undefined;
  }

  return {
    names: () => [...entries].flatMap(([name, { approved }]) => (approved ? [name] : [])).sort(),

    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return refuse('upstream_unknown', { server: name });
      return entry.approved ? entry.upstream : refuse('upstream_not_approved', { server: name });
    },

    list: () =>
      [...entries]
        .map(([name, { settings, upstream, addedBy, approved, eras }]) => ({
          name,
          title: settings.title,
          description: settings.description,
          icon: settings.icon,
          kind: kindOf(settings),
          actsAs: actsAs(settings),
          addedBy,
          approved,
          isolated: false as const,
          eras,
          ...upstream.status(),
        }))
        .sort((one, other) => (one.name < other.name ? -1 : 1)),

    async add(name, settings, by) {
      serverName.parse(name);
      serverSettings.parse(settings);
      if (entries.has(name)) return refuse('upstream_name_taken', { server: name });
      enter(name, settings, { addedBy: by, approved: false, configured: false });
      try {
        await store.save({ name, settings, approved: settings.approved, addedBy: by });
      } catch (error) {
        entries.delete(name);
        throw error;
      }
      entries.get(name)!.approved = settings.approved;
      onChange();
      return undefined;
    },

    async remove(name) {
      const entry = entries.get(name);
      if (entry === undefined) return refuse('upstream_unknown', { server: name });
      if (entry.configured) return refuse('upstream_configured', { server: name });
      await store.remove(name);
      entries.delete(name);
      onChange();
      await entry.upstream.close();
      return undefined;
    },

    approve: (name, by) => setApproved(name, true, by),

    async disable(name, by) {
      const entry = entries.get(name);
      const refusal = await setApproved(name, false, by);
      if (refusal !== undefined || entry === undefined) return refusal;
      enter(name, entry.settings, entry); // afresh, for when it is approved again
      await entry.upstream.close();
      return undefined;
    },

    async follow(name) {
      const [row] = await store.load(name);
      const entry = entries.get(name);
      if (entry?.configured) {
        const approved = row?.settings === undefined ? (row?.approved ?? entry.settings.approved) : entry.approved;
        if (approved === entry.approved) return;
        entry.approved = approved;
        if (!approved) enter(name, entry.settings, entry);
      } else if (entry !== undefined && isSame(row, entry)) return;
      else if (row?.settings === undefined) entries.delete(name);
      else enter(name, row.settings, { addedBy: row.addedBy, approved: row.approved, configured: false });
      onChange();
      if (entry?.upstream !== entries.get(name)?.upstream) await entry?.upstream.close();
    },

    async endPerson(person) {
      await Promise.all([...entries.values()].map(({ upstream }) => upstream.endPerson?.(person)));
    },

    async close() {
      await Promise.all([...entries.values()].map(({ upstream }) => upstream.close()));
    },
  };
}

const isSame = (row: StoredServer | undefined, { approved, settings }: Entry): boolean =>
  row?.approved === approved && JSON.stringify(row.settings) === JSON.stringify(settings);

const kindOf = (settings: ServerSettings): ServerRow['kind'] =>
  'builtin' in settings ? 'builtin' : 'command' in settings ? 'stdio' : 'http';
