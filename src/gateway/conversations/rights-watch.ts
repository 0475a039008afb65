// Notices when rights change what a person sees of the lists, and tells this person's own client, nobody else's.
import type { Access, AccessRequest, Primitive } from '../../access/decision.ts';
import type { Principal } from '../../base/principal.ts';
import { notification, isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, Message, RequestMessage } from '../../protocol/message.ts';
import { changingLists, onStream } from '../../protocol/subscriptions.ts';
import type { ChangingList } from '../../protocol/subscriptions.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Outlet } from './conversation.ts';
import { through } from './through.ts';

/** Items that are remembered of one list; changes of rights to others go unnoticed until the client lists again. */
const maxSeen = 10_000;

/** An item of a list, and whether the person saw it. */
export interface Seen {
  readonly use: Omit<AccessRequest, 'arguments'>;
  readonly visible: boolean;
}

export interface RightsWatch {
  /** Takes note of what a list, or its next page, held before it was filtered. */
  listed(member: string, seen: readonly Seen[], continued: boolean): void;
  /** Looks whether the person sees anything else by now; asked again and again while a stream is open. */
  recheck(principal: Principal): void;
  /** Tells the client that a list is no longer what it was. */
  say(kind: Primitive): void;
  /** Lets what Genkan itself has to say into a `subscriptions/listen` stream, after what its server acknowledges. */
  joining(message: RequestMessage, outlet: Outlet): { readonly outlet: Outlet; readonly leave: () => void };
}

export interface RightsWatchOptions {
  readonly access: Access;
  /** The servers of the conversation that the person may use now, as a text. */
  readonly reachable: () => string;
  /** Where a session's client hears what belongs to no request. */
  readonly push: (message: Message) => void;
}

export function createRightsWatch({ access, reachable, push }: RightsWatchOptions): RightsWatch {
  const lists = new Map<string, Seen[]>();
  const streams = new Set<(list: ChangingList) => void>();
  let [version, servers] = [access.version(), reachable()];

  function say(kind: Primitive): void {
    const list = changingLists.find((candidate) => candidate.list === kind)!;
    push(notification(list.announced));
    for (const tell of streams) tell(list);
  }

  /** Whether anything of a list came or went for the person. */
  function differs(member: string, seen: readonly Seen[], principal: Principal): boolean {
    const now = seen.map(({ use }) => ({ use, visible: access.visible(principal, use) }));
    lists.set(member, now);
    return now.some(({ visible }, index) => visible !== seen[index]!.visible);
  }

  return {
    listed(member, seen, continued) {
      const before = continued ? (lists.get(member) ?? []) : [];
      lists.set(member, [...before, ...seen].slice(0, maxSeen));
    },
    recheck(principal) {
      // Everybody's rights share one version: that it has grown says nothing to anybody, only what comes of it for him.
      const [nowVersion, nowServers] = [access.version(), reachable()];
      if (nowVersion === version && nowServers === servers) return;
      const changed = new Set<Primitive>();
      for (const [member, seen] of lists) {
        const kind = seen[0]?.use.primitive;
        if (kind !== undefined && differs(member, seen, principal)) changed.add(kind);
      }
      if (nowServers !== servers) for (const { list } of changingLists) changed.add(list);
      [version, servers] = [nowVersion, nowServers];
      for (const kind of changed) say(kind);
    },
    say,
    joining(message, outlet) {
      const { id, params } = message;
      const filter = isJsonObject(params['notifications']) ? params['notifications'] : {};
      const wanted = changingLists.filter((list) => filter[list.wanted] === true);
      const tell = (list: ChangingList): void => {
        if (wanted.includes(list) && !outlet.behind) void outlet.interim(onStream(id, list.announced, {}));
      };
      return {
        outlet: through(outlet, (part) => {
          // MCP 2026-07-28, subscriptions, "Acknowledgment": it comes first, and names everything that may follow.
          if (part.kind !== 'notification' || part.method !== acknowledgement) return outlet.interim(part);
          const honoured = (part.params['notifications'] ?? {}) as JsonObject;
          const own = wanted.filter((list) => honoured[list.wanted] !== true).map((list) => [list.wanted, true]);
          streams.add(tell);
          if (own.length === 0) return outlet.interim(part);
          const notifications = { ...honoured, ...(Object.fromEntries(own) as JsonObject) };
          return outlet.interim(notification(acknowledgement, { ...asWritten(part).params, notifications }));
        }),
        leave: () => void streams.delete(tell),
      };
    },
  };
}

const acknowledgement = 'notifications/subscriptions/acknowledged';
