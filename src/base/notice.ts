// Something that people outside have to hear of: an approval that waits for them, an alarm, a review. The one shape that every room hands over.
import type { Language } from './text.ts';

/** What a notice says, in one language. */
export interface NoticeText {
  /** One line, no final full stop. */
  readonly title: string;
  /** Plain sentences, one an item; no mark-up. What callers chose in them is shown as text, never interpreted. */
  readonly lines: readonly string[];
}

export interface Notice {
  /** What it is about: channels subscribe to kinds. */
  readonly kind:
    | 'approval.requested'
    | 'approval.decided'
    | 'elevation.waiting'
    | 'elevation.started'
    | 'elevation.ended'
    | 'break-glass'
    | 'review.upcoming'
    | 'review.reminder'
    | 'review.completed'
    | 'pin.changed'
    | 'record.unavailable'
    | 'record.witness'
    | 'export.behind'
    | 'export.set-aside';
  readonly severity: 'info' | 'warning' | 'critical';
  /** The same notice told twice has the same id: channels drop the second. */
  readonly id: string;
  /** Principal ids of people and names of groups that it is for, where it is for some; channels map them to addresses. */
  readonly to?: readonly { readonly kind: 'user' | 'group'; readonly id: string; readonly name?: string }[];
  /** A page of ours where something can be done about it. Opening it changes nothing. */
  readonly url?: string;
  readonly text: (language: Language) => NoticeText;
}

export interface Notifier {
  /** Resolves once the notice is durable; it is delivered afterwards, again and again until it is or has become old. */
  notify(notice: Notice): Promise<void>;
}

/** Where nobody is to be told. */
export const noNotifier: Notifier = { notify: () => Promise.resolve() };
