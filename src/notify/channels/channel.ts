// What a channel takes and does: one message, sent or not.

/** A notice as it is sent: in the channel's language. */
export interface Outgoing {
  /** The same for each attempt, so that receivers can tell a repetition. */
  readonly id: string;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  readonly lines: readonly string[];
  readonly url?: string;
  /** What the button says that leads there. */
  readonly open: string;
  readonly to: readonly { readonly kind: 'user' | 'group'; readonly id: string; readonly name?: string }[];
  readonly atMs: number;
}

export interface Channel {
  /** Sends it, or throws; `NotTaken` where the receiver has said something about later. */
  send(message: Outgoing, signal: AbortSignal): Promise<void>;
}

/** The receiver did not take a message. */
export class NotTaken extends Error {
  /** Whether to try again, and in how long at the earliest. */
  readonly again: false | { readonly inMs: number };

  constructor(message: string, again: NotTaken['again']) {
    super(message);
    this.again = again;
  }
}
