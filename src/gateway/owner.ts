// To whom a conversation and everything in it belongs: one person in one client.
import type { Principal } from '../base/principal.ts';

/** `<user_id>:<client_id>`. Whoever else presents a handle of this owner's, has taken it from somewhere. */
export const ownerOf = (principal: Principal): string => `${principal.id}:${principal.clientId ?? ''}`;
