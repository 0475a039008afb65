// All that the Genkans of one person have recorded on this machine, each in a log of its own, read and proven together.
import { GenkanError } from '../base/errors.ts';
import type { AuditDesk } from '../operations/house.ts';
import { openAuditDesk, openSearchDesk } from '../operations/offline-desk.ts';
import type { Search } from '../record/search/search.ts';
import { placesOf } from './places.ts';

/** @param root data directory of the person */
export function openLocalAudit(root: string): AuditDesk {
  const logs = placesOf(root).map(({ server, folder }) => ({ folder, server, desk: openAuditDesk(() => folder) }));

  function all(): typeof logs {
    if (logs.length === 0) throw new GenkanError('operation_log_missing', { directory: root });
    return logs;
  }

  /** An index or a checkpoint means something within one log alone. */
  function one(): AuditDesk {
    const [only, ...more] = all();
    if (more.length > 0)
      throw new GenkanError('local_log_ambiguous', { directories: logs.map(({ folder }) => folder).join(', ') });
    return only!.desk;
  }

  return {
    async list(query = {}) {
      const records = (await Promise.all(all().map(({ desk }) => desk.list(query)))).flat();
      return records.sort((one, other) => other.timestamp - one.timestamp).slice(0, query.limit);
    },
    async proof(index) {
      return one().proof(index);
    },
    async checkpoint() {
      return one().checkpoint();
    },
    async verify(options) {
      if (options?.keptCheckpoint !== undefined || options?.verifierKey !== undefined) return one().verify(options);
      const found = await Promise.all(all().map(async ({ folder, desk }) => ({ folder, ...(await desk.verify()) })));
      return {
        ...found[0]!,
        ok: found.every(({ ok }) => ok),
        size: found.reduce((sum, { size }) => sum + size, 0),
        root: found.length === 1 ? found[0]!.root : '',
        problems: found.flatMap(({ folder, problems }) =>
          problems.map((problem) => ({ ...problem, reason: `${folder}: ${problem.reason}` })),
        ),
      };
    },
  };
}

/** Questions are asked of one log. */
export function openLocalSearch(root: string): Search {
  return async (question) => {
    const [only, ...more] = placesOf(root).map(({ folder }) => folder);
    if (only === undefined) throw new GenkanError('operation_log_missing', { directory: root });
    if (more.length > 0) throw new GenkanError('local_log_ambiguous', { directories: [only, ...more].join(', ') });
    return openSearchDesk(only)(question);
  };
}
