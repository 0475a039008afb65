// What becomes of an item that nobody has approved as it is: approved by the policy, or waiting for a person.
import { nearestText, skeleton } from './likeness.ts';
import type { Pin, Reason } from './pin-book.ts';
import type { ReadItem } from './reading.ts';
import type { PinRules } from './settings.ts';
import type { Item } from './surface.ts';

export interface Surroundings {
  readonly rules: PinRules;
  /** Whether the list was complete before: what comes now comes late. */
  readonly late: boolean;
  /** Approved items of the same kind that the server does not list any more. */
  readonly gone: readonly { readonly name: string; readonly text: string }[];
  /** A tool of another server whose name is this one, or looks like it. */
  readonly lookAlike: (skeleton: string) => { readonly server: string; readonly name: string } | undefined;
  /** What was found in its texts. */
  readonly read: (item: Item) => ReadItem;
}

export type Verdict =
  | { readonly act: 'approve'; readonly why: string; readonly reasons: readonly Reason[] }
  | { readonly act: 'wait'; readonly reasons: readonly Reason[] };

export function assess(item: Item, pin: Pin | undefined, around: Surroundings): Verdict {
  const { rules } = around;
  const usual = usualReason(item, pin, around);
  const shadows = shadowing(item, around);
  const suspect = suspicion(around.read(item));
  const reasons = [usual, ...shadows, ...suspect];
  const waits =
    suspect.length > 0 || // nobody is asked to take an attack for granted
    (shadows.length > 0 && rules.onShadowing === 'block') ||
    waitsFor(usual, item, rules);
  if (waits) return { act: 'wait', reasons };
  const alarming = usual.why !== 'first-contact' && !(item.kind === 'resources' && usual.why === 'added');
  return { act: 'approve', why: policyNamed(usual, item), reasons: alarming || shadows.length > 0 ? reasons : [] };
}

export const suspicion = ({ rules }: ReadItem): readonly Reason[] =>
  rules.length === 0 ? [] : [{ why: 'suspect', rules: rules.slice(0, 8) }];

function usualReason({ name, text }: Item, pin: Pin | undefined, { late, gone }: Surroundings): Reason {
  if (pin?.approved !== undefined || pin?.rejected !== undefined) return { why: 'changed' };
  const first = pin?.waiting?.reasons[0];
  if (first !== undefined) return first; // another version of what has been waiting
  if (!late) return { why: 'first-contact' };
  const from = nearestText(
    withoutName(text, name),
    gone.map((each) => ({ ...each, text: withoutName(each.text, each.name) })),
  );
  return from === undefined ? { why: 'added' } : { why: 'renamed', from: from.name };
}

const withoutName = (text: string, name: string): string => text.replace(JSON.stringify(name), '""');

function shadowing(item: Item, { lookAlike, read }: Surroundings): readonly Reason[] {
  const twin = item.kind === 'tools' ? lookAlike(skeleton(item.name)) : undefined;
  const { names } = read(item);
  return [
    ...(twin === undefined ? [] : [{ why: 'shadows', ...twin } as const]),
    ...(names.length === 0 ? [] : [{ why: 'refers', names } as const]),
  ];
}

function waitsFor({ why }: Reason, { kind }: Item, rules: PinRules): boolean {
  if (why === 'first-contact') return rules.firstContact === 'review';
  if (why === 'changed') return rules.onChange === 'block';
  return kind === 'resources' && why === 'added' ? rules.onNewResource === 'block' : rules.onAdd === 'block';
}

/** The setting that has approved it. */
function policyNamed({ why }: Reason, { kind }: Item): string {
  if (why === 'first-contact') return 'inspect.pins.firstContact: approve';
  if (why === 'changed') return 'inspect.pins.onChange: alarm';
  return kind === 'resources' && why === 'added' ? 'inspect.pins.onNewResource: pass' : 'inspect.pins.onAdd: alarm';
}
