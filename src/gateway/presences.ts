// Who is in the house: every request under way can be ended at once when whoever sent it may no longer come in.
import type { GenkanError } from '../base/errors.ts';
import { applicationId } from '../base/principal.ts';
import type { Principal } from '../base/principal.ts';

/** Whose something is, and at which server; undefined for all of them. */
export interface Whose {
  readonly principal: Principal;
  readonly server: string | undefined;
}

/** What has come to an end. */
export interface Ended {
  readonly kind: 'principal' | 'client' | 'grant' | 'server';
  readonly subject: string;
}

export interface Presence {
  /** Aborts with the reason why. */
  readonly ended: AbortSignal;
  /** Requests of the same principal that are under way, this one among them. */
  readonly underWay: number;
  leave(): void;
}

export interface Presences {
  /** To be called as soon as somebody was let in, without waiting for anything in between. */
  enter(whose: Whose): Presence;
  endFor(ended: Ended, reason: GenkanError): void;
}

export function concerns({ kind, subject }: Ended, { principal, server }: Whose): boolean {
  switch (kind) {
    case 'principal':
      return everybodyIn(principal).includes(subject);
    case 'client':
      return principal.clientId === subject;
    case 'grant':
      return principal.grantId === subject || principal.derivedGrants?.includes(subject) === true;
    case 'server':
      return server === subject;
  }
}

/** The person or agent, and whoever acts in their name: agents without a chain of actors are known by their client alone. */
function everybodyIn({ id, clientId, actors = [] }: Principal): readonly string[] {
  return clientId === undefined ? [id, ...actors] : [id, applicationId(clientId), ...actors];
}

export function createPresences(): Presences {
  const present = new Map<AbortController, Whose>();
  const counts = new Map<string, number>();
  return {
    enter(whose) {
      const { id } = whose.principal;
      const controller = new AbortController();
      present.set(controller, whose);
      const underWay = (counts.get(id) ?? 0) + 1;
      counts.set(id, underWay);
      return {
        ended: controller.signal,
        underWay,
        leave() {
          if (!present.delete(controller)) return;
          const left = counts.get(id)! - 1;
          if (left === 0) counts.delete(id);
          else counts.set(id, left);
        },
      };
    },
    endFor(ended, reason) {
      for (const [controller, whose] of present) if (concerns(ended, whose)) controller.abort(reason);
    },
  };
}
