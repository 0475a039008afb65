// The prompt shield's door: how much a text reads like orders to the assistant that reads it, and where.
import type { Stretch } from '../finding.ts';

export interface ShieldSpan extends Stretch {
  /** 0 to 1: like the score of the text. */
  readonly score: number;
  /** What speaks for it, the strongest first, e.g. `override`, `exfiltration`, `hidden-text`. */
  readonly why: readonly string[];
}

export interface ShieldScan {
  /** 0 to 1: that of the worst span, also where no span reaches a threshold. */
  readonly score: number;
  /** Those at or above the lower threshold, in order, without overlap. */
  readonly spans: readonly ShieldSpan[];
}

/** Scans one text that comes in parts, e.g. in several notifications: what begins in one and ends in the next is found. */
export interface ShieldStream {
  /** Positions count from the beginning of the first part. A span is told again when it grew. */
  push(part: string): ShieldScan;
}

export interface Shield {
  /** Scores at which about one in a hundred, and one in a thousand, harmless texts would be taken for an attack. */
  readonly thresholds: { readonly spotlight: number; readonly block: number };
  /** Pure, synchronous and linear in the text. */
  scan(text: string): ShieldScan;
  stream(): ShieldStream;
}
