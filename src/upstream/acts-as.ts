// In whose name a server is called, as people are told in lists and records.
import type { ServerSettings } from './settings.ts';

/**
 * `caller`: in the name of who calls, by a token of theirs. `person`: with the account that each has connected there.
 * `shared`: everybody comes as one identity that is always there, so that only Genkan can tell them apart (standing privilege).
 */
export type ActsAs = 'caller' | 'person' | 'shared';

export function actsAs(settings: ServerSettings): ActsAs {
  return 'builtin' in settings ? 'caller' : (settings.authorization?.as ?? 'shared');
}
