// What an elevation is: a role that a person holds for a while, from its request to its end, and what is told of it.
import type { Principal } from '../../base/principal.ts';
import type { Approval } from '../approvals/approval.ts';

export type EndReason = 'time' | 'holder' | 'administrator' | 'eligibility' | 'person';

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
  | { readonly state: 'active'; readonly elevation: Elevation }
  | { readonly state: 'pending'; readonly approval: Approval };

/** What makes an elevation hold elsewhere too, e.g. in Entra PIM. It is asked again until it has done it. */
export interface Activator {
  /** Who enforces an elevation of this kind from then on; undefined for one that is not its. */
  readonly enforces: (eligibility: { readonly role: string; readonly scope: string }) => EnforcedBy | undefined;
  /** Begins it, or carries its end on to `endsAtMs`. Done twice is done once. */
  activate(elevation: Elevation): Promise<void>;
  /** Ends it, also where it has never begun or has ended by itself. */
  deactivate(elevation: Elevation): Promise<void>;
}

/** Where Genkan alone enforces. */
export const noActivator: Activator = {
  enforces: () => undefined,
  activate: () => Promise.resolve(),
  deactivate: () => Promise.resolve(),
};

export const isActive = ({ ended, startsAtMs, endsAtMs }: Elevation, nowMs: number): boolean =>
  ended === undefined && startsAtMs <= nowMs && nowMs < endsAtMs;

/** The page where a person requests an elevation. Opening it changes nothing. */
export function requestPage(publicUrl: string, wish: { readonly role?: string; readonly scope?: string } = {}): string {
  const query = new URLSearchParams();
  if (wish.role !== undefined) query.set('role', wish.role);
  if (wish.scope !== undefined) query.set('scope', wish.scope);
  return `${publicUrl}/elevation${query.size === 0 ? '' : `?${query}`}`;
}
