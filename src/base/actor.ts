// Who really acted, as records say it beside the person in whose name it happened.
import type { Principal } from './principal.ts';

export interface Actor {
  /** Sign-in name, for people who read. Never used to decide. */
  readonly name?: string | undefined;
  readonly kind?: Principal['kind'] | undefined;
  /** Principal id of the agent that acted, for itself or in the name of the user. */
  readonly agent?: string | undefined;
  /** Everybody who acts for the user, nearest first (RFC 8693 §4.1, `act`). */
  readonly act?: readonly string[] | undefined;
}

export function actorOf({ name, kind, id, actors }: Pick<Principal, 'name' | 'kind' | 'id' | 'actors'>): Actor {
  const agent = actors?.[0] ?? (kind === 'application' ? id : undefined);
  return { name, kind, ...(agent !== undefined && { agent }), ...(actors && { act: actors }) };
}
