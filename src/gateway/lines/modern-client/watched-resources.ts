// Which resources of a legacy server are watched, and by whom: the server is asked once for all, and told when nobody is left.
import { isWithin } from '../../../protocol/subscriptions.ts';

/** Subscriptions that are asked for at the same time. */
const width = 8;

interface Place<Watcher> {
  readonly watchers: Set<Watcher>;
  /** Whether the server tells us; what is asked of it for one URI is asked in order. */
  subscribed: Promise<boolean>;
}

export interface WatchedResources<Watcher> {
  /**
   * @param signal stops it halfway
   * @returns the URIs for which the server will tell
   */
  watch(uris: readonly string[], watcher: Watcher, signal: AbortSignal): Promise<readonly string[]>;
  leave(uris: readonly string[], watcher: Watcher): void;
  /** Whom an update of this URI concerns, each with the URI that it watches: this one, or one that this lies below. */
  concerned(uri: string): readonly { readonly uri: string; readonly watchers: ReadonlySet<Watcher> }[];
}

/** @param ask sends a request about one resource; false when the server does not grant it */
export function createWatchedResources<Watcher>(
  ask: (method: 'resources/subscribe' | 'resources/unsubscribe', uri: string) => Promise<boolean>,
): WatchedResources<Watcher> {
  const places = new Map<string, Place<Watcher>>();

  function vacate(uri: string, place: Place<Watcher>, watcher: Watcher): void {
    if (!place.watchers.delete(watcher) || place.watchers.size > 0) return;
    const left = place.subscribed
      .then((subscribed) => subscribed && ask('resources/unsubscribe', uri))
      .then(() => {
        if (place.subscribed === left && places.get(uri) === place) places.delete(uri);
        return false;
      });
    place.subscribed = left;
  }

  async function enter(uri: string, watcher: Watcher): Promise<boolean> {
    const place = places.get(uri) ?? { watchers: new Set(), subscribed: Promise.resolve(false) };
    places.set(uri, place);
    place.watchers.add(watcher);
    if (place.watchers.size === 1) {
      place.subscribed = place.subscribed.then(() => ask('resources/subscribe', uri));
    }
    const subscribed = await place.subscribed;
    if (!subscribed) vacate(uri, place, watcher);
    return subscribed;
  }

  return {
    async watch(uris, watcher, signal) {
      const granted: string[] = [];
      for (let from = 0; from < uris.length && !signal.aborted; from += width) {
        const some = uris.slice(from, from + width);
        const answers = await Promise.all(some.map((uri) => enter(uri, watcher)));
        granted.push(...some.filter((_uri, index) => answers[index]));
      }
      return granted;
    },
    leave(uris, watcher) {
      for (const uri of uris) {
        const place = places.get(uri);
        if (place !== undefined) vacate(uri, place, watcher);
      }
    },
    concerned: (uri) =>
      [...places].flatMap(([watched, { watchers }]) =>
        watchers.size > 0 && isWithin(uri, watched) ? { uri: watched, watchers } : [],
      ),
  };
}
