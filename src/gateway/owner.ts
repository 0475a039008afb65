// To whom a conversation and everything in it belongs: one person in one client.
import type { Principal } from '../base/principal.ts';

/** `<user_id>:<client_id>`. Whoever else presents a handle of this owner's, has taken it from somewhere. */
export const ownerOf = (principal: Principal): string => `${personPart(principal.id)}:${principal.clientId ?? ''}`;

/** Ends at the first colon of an owner: ids have colons in them, and one may begin with another. */
export const personPart = (person: string): string => person.replaceAll(/[%:]/g, encodeURIComponent);
