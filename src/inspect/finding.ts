// What inspection finds in a text: where, what, how sure, and why.

/** A stretch of a text, in UTF-16 positions of the text as it was given; `to` is exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What is found, by the part of the room that finds it. */
export type FindingKind = 'injection' | 'secret' | 'personal' | 'tainted' | 'changed';

/** One finding as records and clients see it: never the text itself. */
export interface Finding extends Stretch {
  readonly kind: FindingKind;
  /** Which rule, detector or family found it, e.g. `exfiltration` or `azure-storage-key`. */
  readonly rule: string;
  /** 0 to 1, where the finder weighs. */
  readonly score?: number;
  /**
   * Where in the message, as a JSON Pointer (RFC 6901) of at most 256 characters. A member whose name may be somebody's own words,
   * or a secret, is told by its position: `#3`.
   */
  readonly at: string;
}
