// What queries may take, as a configuration says, with the file that it names found beside it.
import path from 'node:path';
import type { Config } from '../config/load.ts';
import { searchSettings } from '../record/search/settings.ts';
import type { SearchSettings } from '../record/search/settings.ts';

export function searchOf(config: Pick<Config, 'settings' | 'file'> | undefined): SearchSettings {
  if (config === undefined) return searchSettings.parse({});
  const { countries, ...search } = config.settings.record.search;
  return {
    ...search,
    ...(countries !== undefined && { countries: path.resolve(path.dirname(config.file), countries) }),
  };
}
