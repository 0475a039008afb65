// Who sits at this machine as far as the operating system says, where no identity provider is configured: named, and not verified.
import type { Principal } from '../../base/principal.ts';

/** Kept apart from every id of an identity provider: those begin with an address or a GUID. */
export const unverifiedPrefix = 'os-user:';

/** @param account name of the operating system's account */
export const unverifiedPerson = (account: string): Principal =>
  Object.freeze({
    id: `${unverifiedPrefix}${account}`,
    kind: 'user',
    name: `${account} (not verified)`,
    groups: Object.freeze([]),
  });
