// The audit log of a data directory as the command line reads it without a house: proven, and where it is a copy, listed and searched.
import type { Config } from '../config/load.ts';
import type { Desk } from '../operations/house.ts';
import { assertLogIn, openAuditDesk, openSearchDesk } from '../operations/offline-desk.ts';
import { isCopy } from '../operations/offline-logs.ts';
import { searchOf } from './search-settings.ts';

/** @param configured where there is a configuration, it says where keys are and what a search may take */
export function openOfflineAudit(
  dataDirectory: () => string,
  configured: () => Promise<Config | undefined>,
  env: Readonly<Record<string, string | undefined>>,
): Pick<Desk, 'audit'> & Required<Pick<Desk, 'isCopy' | 'search'>> {
  const keysOf = async (directory: string) => {
    const { openOfflineKeys } = await import('./offline-keys.ts');
    return openOfflineKeys(directory, await configured(), env);
  };
  return {
    audit: openAuditDesk(dataDirectory, keysOf),
    async isCopy() {
      const directory = dataDirectory();
      assertLogIn(directory);
      return isCopy(directory);
    },
    async search(question) {
      const directory = dataDirectory();
      const config = await configured();
      await using keys = await keysOf(directory);
      return await openSearchDesk(directory, config && searchOf(config), keys)(question);
    },
  };
}
