// What an elevation is: a role that a person holds for a while, from its request to its end, and what is told of it.
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Approval } from '../approvals/approval.ts';

/** `activation`: what was to enforce it as well did not activate it. */
export type EndReason = 'time' | 'holder' | 'administrator' | 'eligibility' | 'person' | 'activation';

/** Who lets the elevated person act: Genkan's own decisions alone, or Azure as well, where PIM has activated the role there. */
export type EnforcedBy = 'genkan' | 'entra-pim';

/** One that has begun. */
export interface Elevation {
  readonly id: string;
  readonly kind: 'elevation' | 'break-glass';
  readonly person: Pick<Principal, 'id' | 'name'>;
  readonly role: string;
  readonly scope: string;
  /** Id of what made the person eligible. */
  readonly eligibility: string;
  readonly justification: string;
  readonly openedBy: string;
  readonly approvedBy?: string;
  readonly enforcedBy: EnforcedBy;
  readonly requestedAtMs: number;
  readonly startsAtMs: number;
  /** When it ends by itself; the end is not part of it. */
  readonly endsAtMs: number;
  /** How it stands at what enforces it as well, in its own words; absent before that was asked. */
  readonly outside?: {
    readonly status: string;
    /** How long it holds there; absent before it has begun, and so long it does not hold here either. */
    readonly untilMs?: number;
  };
  readonly ended?: { readonly atMs: number; readonly by: string; readonly reason: EndReason };
  readonly review?: { readonly by: string; readonly name: string; readonly atMs: number; readonly finding: string };
}

/** What a person asks for. */
export interface ElevationWish {
  readonly role: string;
  readonly scope: string;
  /** As long as possible where it is not said. */
  readonly durationMs?: number;
  readonly justification: string;
}

export type Asked =
  /** Nobody has to approve it here. What Azure has to activate may wait for that: `isWaiting`. */
  | { readonly state: 'active'; readonly elevation: Elevation }
  | { readonly state: 'pending'; readonly approval: Approval };

/** Not done yet: asked again then. `status` is what the other side says of it. */
interface Pending {
  readonly state: 'pending';
  readonly status: string;
  /** Somebody there has to decide, which may take hours. */
  readonly forSomebody?: boolean;
  readonly againAtMs: number;
}

/** How far what makes an elevation hold elsewhere has come. */
export type Progress =
  | Pending
  /** It holds there in this time; only then it begins here. */
  | { readonly state: 'active'; readonly status: string; readonly fromMs: number; readonly untilMs: number }
  /** Nothing comes of it, and it is over here too. @param page where the person can do something about that */
  | { readonly state: 'refused'; readonly status: string; readonly page?: string };

/** What makes an elevation hold elsewhere too, e.g. in Entra PIM. It is asked again until it has done it. */
export interface Activator {
  /** Who enforces an elevation of this kind from then on; undefined for one that is not its. */
  readonly enforces: (eligibility: { readonly role: string; readonly scope: string }) => EnforcedBy | undefined;
  /** Why it would not activate it, before anybody is asked to approve it. Asked for what it enforces alone. */
  whyNot?(
    by: Principal,
    wish: Pick<ElevationWish, 'role' | 'scope' | 'justification'> & { readonly durationMs: number },
  ): Promise<Refusal | undefined>;
  /** Begins it, or carries its end on to `endsAtMs`. Done twice is done once. */
  activate(elevation: Elevation): Promise<Progress>;
  /** Ends it, also where it has never begun or has ended by itself. `left` where it stays as it is there, and why. */
  deactivate(elevation: Elevation): Promise<Pending | { readonly state: 'left'; readonly status: string } | undefined>;
}

/** Where Genkan alone enforces. */
export const noActivator: Activator = {
  enforces: () => undefined,
  activate: ({ startsAtMs, endsAtMs }) =>
    Promise.resolve({ state: 'active', status: '', fromMs: startsAtMs, untilMs: endsAtMs }),
  deactivate: () => Promise.resolve(undefined),
};

/** Whether it holds nothing yet, since what is to enforce it as well has not begun. */
export const isWaiting = ({ enforcedBy, outside, ended }: Elevation): boolean =>
  enforcedBy !== 'genkan' && ended === undefined && outside?.untilMs === undefined;

export const isActive = (elevation: Elevation, nowMs: number): boolean => {
  const { ended, startsAtMs, endsAtMs } = elevation;
  return ended === undefined && startsAtMs <= nowMs && nowMs < endsAtMs && !isWaiting(elevation);
};

/** The page where a person requests an elevation. Opening it changes nothing. */
export function requestPage(publicUrl: string, wish: { readonly role?: string; readonly scope?: string } = {}): string {
  const query = new URLSearchParams();
  if (wish.role !== undefined) query.set('role', wish.role);
  if (wish.scope !== undefined) query.set('scope', wish.scope);
  return `${publicUrl}/elevation${query.size === 0 ? '' : `?${query}`}`;
}
