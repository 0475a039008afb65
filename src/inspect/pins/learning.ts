// Writes down what is new in what a server shows: in one transaction, by what stands in the database, within bounds.
import type { Clock } from '../../base/clock.ts';
import { announce } from '../../state/announce.ts';
import { assess, suspicion } from './assess.ts';
import type { Surroundings } from './assess.ts';
import type { Others } from './cross-references.ts';
import { policyId } from './pin-book.ts';
import type { PinBook, Shown } from './pin-book.ts';
import type { Noticed } from './pin-notices.ts';
import type { PinStore } from './pin-store.ts';
import type { PinNeighbours } from './pins.ts';
import { readThrough } from './reading.ts';
import { rulesFor } from './settings.ts';
import type { PinSettings } from './settings.ts';
import type { Item, ItemKind } from './surface.ts';
import type { ToolIndex } from './tool-index.ts';

interface Learning extends Pick<PinNeighbours, 'revocations' | 'servers' | 'programOf' | 'suspects'> {
  readonly settings: PinSettings;
  readonly store: PinStore;
  readonly index: ToolIndex;
  readonly clock: Clock;
  readonly server: string;
  readonly kind: ItemKind;
  /** Those that were not known as they are. */
  readonly items: readonly Item[];
  readonly shown: Shown;
  readonly book: PinBook;
}

export interface Learned {
  readonly noticed: readonly Noticed[];
  /** How many the policy has approved because the server was met. */
  readonly met: number;
  /** The server has shown more than is kept. */
  readonly full: boolean;
}

/** A list that never ends is not met for ever. */
const contactMs = 600_000;
/** Versions of one server that wait: whoever has to look at more has other worries. */
const maxWaiting = 500;
/** Characters of canonical text kept of one server. */
const maxSize = 33_554_432;
/** What is gone is compared with what is new, to see whether it only has another name. */
const maxCompared = 50;

const policy = { id: policyId, name: policyId };

export async function learn(learning: Learning): Promise<Learned> {
  const { revocations, settings, store, clock, server, kind, items, shown } = learning;
  const { lookAlike, ...known } = neighbourhood(learning);
  const suspects = (text: string, name: string) => learning.suspects?.(text, { server, name });
  const read = await readThrough(items, { ...known, suspects });
  return revocations.commit(async (transaction) => {
    const book = await store.book(transaction, server, learning.book); // another process may have been here
    const atMs = clock.now();
    const contact = book.contacts.get(kind);
    // A server that was met long ago is met no more for a list that nobody has asked it for so far.
    const metAtMs = Math.min(atMs, ...[...book.contacts.values()].map(({ startedAtMs }) => startedAtMs));
    const late = contact?.completed
      ? atMs - contact.startedAtMs >= settings.settleSeconds * 1000
      : atMs - metAtMs >= contactMs;
    const gone = book.goneFrom(kind, shown);
    const lost = gone.filter((name) => book.pin(kind, name)!.approved !== undefined);
    const isNew = items.some(({ name }) => book.pin(kind, name) === undefined);
    const around: Surroundings = {
      rules: rulesFor(settings, server),
      late,
      gone:
        late && isNew && lost.length > 0
          ? await store.texts(transaction, server, kind, lost.slice(0, maxCompared))
          : [],
      lookAlike,
      read: ({ digest }) => read.get(digest)!,
    };

    const noticed: Noticed[] = [];
    let met = 0;
    let full = false;
    let count = book.size();
    let waiting = book.waiting();
    // Resources come and go; what is gone makes room for what comes.
    if (count + items.length > settings.maxItems) count -= await store.evictGone(transaction, server, items.length);
    let size = items.length === 0 ? 0 : await store.size(transaction, server);
    const done = new Set<string>();
    for (const item of items) {
      const pin = book.pin(kind, item.name);
      const { name, digest } = item;
      // What the policy has approved may be an attack by what is known or wanted today.
      const suspect = pin?.approved === digest && !pin.byPerson ? suspicion(around.read(item)) : [];
      if (pin?.approved === digest && suspect.length === 0) {
        if (pin.gone) await store.gone(transaction, server, kind, [name], null); // it is back as it was
        continue;
      }
      if (pin?.waiting?.digest === digest || pin?.rejected === digest || done.has(digest)) continue;
      if (pin === undefined && (count >= settings.maxItems || size > maxSize)) {
        full = true;
        continue;
      }
      // The same name twice in one list: the second is another version of the first.
      const twice = done.has(`twice ${name}`);
      const verdict =
        suspect.length > 0
          ? ({ act: 'wait', reasons: suspect } as const)
          : assess(
              item,
              twice ? { approved: '', byPerson: false, waiting: undefined, rejected: undefined, gone: false } : pin,
              around,
            );
      // What is new may be left aside; a change of what is approved may not: there are no more of those than is kept.
      const isMuch = pin === undefined ? waiting >= maxWaiting : size > 2 * maxSize;
      if (verdict.act === 'wait' && pin?.waiting === undefined && isMuch) {
        full = true;
        continue;
      }
      if (verdict.act === 'approve') {
        await store.approve(transaction, server, item, policy, verdict.why, atMs);
        if (!late && pin === undefined) met++;
      } else {
        const since = pin?.waiting === undefined ? atMs : undefined;
        await store.wait(transaction, server, item, verdict.reasons, atMs, since);
        if (pin?.waiting === undefined) waiting++;
      }
      done.add(digest).add(`twice ${name}`);
      if (pin === undefined && !twice) count++;
      size += item.text.length;
      // While it waits, people have been told already; which version it is they see when they look.
      if (verdict.reasons.length > 0 && pin?.waiting === undefined)
        noticed.push({ kind, name, digest, withheld: verdict.act === 'wait', reasons: verdict.reasons });
    }

    if (gone.length > 0) await store.gone(transaction, server, kind, gone, atMs);
    for (const name of kind === 'resources' ? [] : lost)
      // resources come and go
      noticed.push({ kind, name, digest: book.pin(kind, name)!.approved!, withheld: false, reasons: [] });
    if (contact?.completed !== true)
      await store.contact(transaction, server, kind, contact?.startedAtMs ?? atMs, shown.complete ? atMs : null);
    if (noticed.length > 0) {
      const told = { kind: 'pin', subject: server, act: 'change', by: 'pins', reason: 'noticed' } as const;
      await announce(transaction, told, clock);
    }
    return { noticed, met, full };
  });
}

function neighbourhood({ server, kind, items, index, servers, programOf, book }: Learning): {
  readonly lookAlike: Surroundings['lookAlike'];
  readonly own: (name: string) => boolean;
  readonly others: Others;
} {
  const program = programOf(server);
  const isSame = (other: string): boolean =>
    other === server || (program !== undefined && programOf(other) === program);
  const others = new Set(servers().filter((other) => !isSame(other)));
  const listed = new Set(kind === 'tools' ? items.map(({ name }) => name) : []);
  const toolsNamed = (name: string): readonly string[] => index.named(name).filter((other) => others.has(other));
  return {
    lookAlike: (skeleton) => index.alike(skeleton, (other) => !others.has(other)),
    // A name that another server has too is its own only where a person has said so.
    own(name) {
      const pin = book.pin('tools', name);
      const isKnown = pin !== undefined || listed.has(name);
      return name === server || pin?.byPerson === true || (isKnown && toolsNamed(name).length === 0);
    },
    others: { toolsNamed, isServer: (name) => others.has(name) },
  };
}
