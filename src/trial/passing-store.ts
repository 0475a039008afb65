// What the stand-in identity provider remembers of a sign-in under way: in memory, bounded, gone when it stops.
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * A storage factory for `oidc-provider` whose records all share one bounded map.
 * @param capacity how many records are kept; the oldest give way
 * @param now milliseconds since the Unix epoch
 */
export function createPassingStore(capacity: number, now: () => number): AdapterFactory {
  const records = new Map<string, { payload: AdapterPayload; expiresAtMs: number }>();

  const find = (key: string): AdapterPayload | undefined => {
    const record = records.get(key);
    return record !== undefined && record.expiresAtMs > now() ? record.payload : undefined;
  };
  const findWhere = (kind: string, holds: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [key, { payload, expiresAtMs }] of records) {
      if (key.startsWith(`${kind}:`) && expiresAtMs > now() && holds(payload)) return payload;
    }
    return undefined;
  };

  return (kind): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const key = `${kind}:${id}`;
      records.delete(key); // so that the order of the map stays the order of writing
      records.set(key, { payload, expiresAtMs: expiresIn === undefined ? Infinity : now() + expiresIn * 1000 });
      const oldest = records.keys().next().value;
      if (records.size > capacity && oldest !== undefined) records.delete(oldest);
    },
    find: async (id) => find(`${kind}:${id}`),
    findByUid: async (uid) => findWhere(kind, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findWhere(kind, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = find(`${kind}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(now() / 1000);
    },
    async destroy(id) {
      records.delete(`${kind}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of records) if (payload.grantId === grantId) records.delete(key);
    },
  });
}
