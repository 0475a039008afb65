// A second opinion on a text: what a judge is asked, what it says, and why it may have nothing to say.

/** What the text is: the words of a caller's own people, or something that an assistant reads as data. */
export type Said = 'prompt' | 'document';

export interface Verdict {
  /** 0 to 1; a judge that only says yes or no says 1 or 0. */
  readonly score: number;
  readonly isAttack: boolean;
  /** Kinds of harm that it found, e.g. `violence`. */
  readonly categories?: readonly string[];
}

export interface Judge {
  readonly name: string;
  /** Characters (UTF-16) that one question may have. */
  readonly maxCharacters: number;
  /** @throws NoVerdict */
  judge(text: string, said: Said, signal: AbortSignal): Promise<Verdict>;
}

export type NoVerdictReason =
  /** It did not answer in time, or could not be reached. */
  | 'timeout'
  | 'unreachable'
  /** It was asked too often, or Genkan itself has too many questions under way. */
  | 'throttled'
  | 'busy'
  /** It failed again and again and is left alone for a while. */
  | 'paused'
  /** Genkan has nothing to show it: no key, no token. */
  | 'unauthorized'
  /** It would not answer at all, e.g. for want of a right, or not about this text. */
  | 'refused'
  | 'declined'
  | 'failed'
  /** What it said is no answer. */
  | 'malformed'
  /** More was to be asked than one message may ask. */
  | 'too_much';

/** A judge has no opinion. Holds nothing of the text, and nothing that the judge said. */
export class NoVerdict extends Error {
  readonly reason: NoVerdictReason;

  constructor(reason: NoVerdictReason, cause?: unknown) {
    super(`no verdict: ${reason}`, { cause });
    this.name = 'NoVerdict';
    this.reason = reason;
  }
}
