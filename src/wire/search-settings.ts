// What queries may take, as a configuration says, with the file that it names found beside it.
import path from 'node:path';
import type { Config } from '../config/load.ts';
import type { SearchSettings } from '../record/search/settings.ts';

export function searchOf({ settings, file }: Pick<Config, 'settings' | 'file'>): SearchSettings {
  const { countries, ...search } = settings.record.search;
  return {
    ...search,
    ...(countries !== undefined && { countries: path.resolve(path.dirname(file), countries) }),
  };
}
