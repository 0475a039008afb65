// The revisions of MCP that Genkan speaks, oldest first, and the family that each belongs to.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Era } from './message.ts';

/** Opened by `initialize`, carried by sessions. */
export const legacyRevisions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;
/** Stateless: every request carries its envelope. */
export const modernRevisions = ['2026-07-28'] as const;

export type LegacyRevision = (typeof legacyRevisions)[number];
export type ModernRevision = (typeof modernRevisions)[number];
export type Revision = LegacyRevision | ModernRevision;

export const revisions: readonly Revision[] = [...legacyRevisions, ...modernRevisions];
export const latestLegacy: LegacyRevision = '2025-11-25';
export const latestModern: ModernRevision = '2026-07-28';

/** The family of a revision; undefined for one that Genkan does not speak. */
export function eraOf(revision: unknown): Era | undefined {
  if ((legacyRevisions as readonly unknown[]).includes(revision)) return 'legacy';
  if ((modernRevisions as readonly unknown[]).includes(revision)) return 'modern';
  return undefined;
}

/**
 * What to answer to a revision that Genkan does not speak (MCP 2026-07-28, "Protocol Version Negotiation"). It lists what
 * `server/discover` lists; older revisions are not asked for by request, but agreed on by `initialize`.
 */
export function revisionUnknown(requested: string): Refusal {
  const shown = requested.slice(0, 64);
  const data = { supported: modernRevisions, requested: shown };
  return refuse('inspect_revision_unknown', { revision: shown }, { data });
}
