// The one way in which the policy changes while running: checked as a whole, approved by somebody else where the settings demand it, one version.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { parseDuration } from '../../base/duration.ts';
import { GenkanError, isRefusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Approval, Approver } from '../approvals/approval.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Assignment } from '../assignment.ts';
import type { ChangeSettings } from './change-settings.ts';
import type { Composition } from './composition.ts';
import { describeEdit, linesOf } from './policy-diff.ts';
import { isSame, keyOf, withEdits, write } from './policy-item.ts';
import type { ItemEdit, Items } from './policy-item.ts';
import { heaviestFirst } from './policy-weight.ts';
import { refuseStale } from './policy-book.ts';
import type { Plan, PolicyBook } from './policy-book.ts';

/** What became of a change that was asked for. */
export type Outcome =
  | { readonly state: 'done'; readonly version: number }
  /** The policy says so already. */
  | { readonly state: 'unchanged' }
  /** Somebody else has to approve it first; nothing has changed yet. */
  | { readonly state: 'pending'; readonly approval: Approval };

/** Who wants a change, and why. */
export interface Wish {
  readonly by: Principal;
  readonly why: string;
}

export interface PolicyDesk {
  /**
   * Makes a change, or asks for the approval that it needs.
   * @throws GenkanError what the plan throws; the reason why something that is changed would not hold; `access_policy_breaks`
   * where the change would leave something else without effect; `access_policy_changed`; `access_policy_no_approver`; `access_approvals_too_many`
   */
  change(plan: Plan, wish: Wish): Promise<Outcome>;
  /**
   * Makes one that only takes rights to what is gone: it waits for nobody.
   * @param plan may remove assignments and eligibilities, and nothing else
   */
  clear(plan: Plan, wish: Wish): Promise<void>;
}

interface DeskNeighbours {
  readonly book: PolicyBook;
  /** The policy as it would be, with what else is in force. */
  readonly compose: (items: Items) => Composition;
  readonly revocations: Revocations;
  readonly approvals: Pick<Approvals, 'open' | 'carryOut'>;
  /** Who may approve, as ids. */
  readonly approvers: () => Promise<readonly Approver[]>;
  /** Takes over what this process has just changed. */
  readonly changed: () => Promise<void>;
  readonly clock: Clock;
}

const text = z.record(z.string(), z.unknown());
const payload = z.object({
  edits: z.array(z.object({ kind: z.string(), id: z.string(), before: text.optional(), after: text.optional() })),
  restsOn: z.record(z.string(), z.string()),
});

const maxEdits = 1000;
const clearable = ['assignment', 'eligibility'];

export function createPolicyDesk(settings: ChangeSettings, neighbours: DeskNeighbours): PolicyDesk {
  const { book, compose, revocations, approvals, approvers, changed, clock } = neighbours;
  const windowMs = parseDuration(settings.window)!;

  /** The plan, with the check that everything holds which it touches, and that nothing else stops holding. */
  const checked =
    (plan: Plan): Plan =>
    (items) => {
      const edits = plan(items).filter(({ before, after }) => !isSame(before, after));
      if (edits.length > maxEdits) throw new GenkanError('access_policy_too_much', { limit: maxEdits });
      const after = compose(withEdits(items, edits)).inactive;
      const touched = new Set(edits.map(keyOf));
      for (const key of touched) if (after.has(key)) throw after.get(key)!;
      const before = compose(items).inactive;
      const broken = [...after.keys()].filter((key) => !before.has(key));
      if (broken.length > 0) throw new GenkanError('access_policy_breaks', { items: listed(broken) });
      return edits;
    };

  async function make(plan: Plan, { by: { id, name }, why }: Wish): Promise<Outcome> {
    const version = await revocations.commit((transaction) =>
      book.write(transaction, checked(plan), { by: { id, name }, why }),
    );
    await changed();
    return version === undefined ? { state: 'unchanged' } : { state: 'done', version };
  }

  async function ask(plan: Plan, { by, why }: Wish): Promise<Outcome> {
    await book.refresh();
    const { items } = book.state();
    const edits = checked(plan)(items);
    if (edits.length === 0) return { state: 'unchanged' };
    refuseStale(edits, items);
    const approving = await approvers();
    if (approving.length === 0) throw new GenkanError('access_policy_no_approver');
    const read = heaviestFirst(edits, compose(withEdits(items, edits)).roles);
    const summary = describeEdit(read[0]!);
    // What approvers read, and beside it what is carried out.
    const changes = read.flatMap((edit) => [describeEdit(edit), ...linesOf(edit).map((line) => `    ${line}`)]);
    const details = { changes, edits, restsOn: footing(edits, items, compose(items)) };
    const approval = await approvals.open({
      kind: 'policy-change',
      reference: referenceOf(edits),
      requester: { id: by.id, name: by.name },
      subject: edits.length === 1 ? summary : `${summary} and ${edits.length - 1} more`,
      details,
      justification: why,
      approvers: approving,
      mfa: settings.mfa,
      expiresAtMs: clock.now() + windowMs,
    });
    if (isRefusal(approval)) throw new GenkanError(approval.code, approval.params);
    return { state: 'pending', approval };
  }

  approvals.carryOut('policy-change', async ({ id, requester, justification, details, decision }, transaction) => {
    const { edits, restsOn } = payload.parse(details) as { edits: ItemEdit[]; restsOn: Record<string, string> };
    const plan: Plan = (items) => {
      // What was approved is this change to a policy that means what it meant when the approver looked at it.
      const now = footing(edits, items, compose(items));
      const moved = Object.keys(restsOn).filter((key) => now[key] !== restsOn[key]);
      if (moved.length > 0) throw new GenkanError('access_policy_changed', { items: listed(moved) });
      return edits;
    };
    const approval = { id, by: decision?.by ?? '' };
    await book.write(transaction, checked(plan), { by: requester, why: justification, approval });
  });

  return {
    change(plan, wish) {
      const exempt = wish.by.kind === 'operator' && settings.operatorExempt;
      return settings.approval === 'none' || exempt ? make(plan, wish) : ask(plan, wish);
    },
    async clear(plan, wish) {
      const onlyRemovals: Plan = (items) => {
        const edits = plan(items);
        if (edits.some(({ kind, after }) => !clearable.includes(kind) || after !== undefined))
          throw new TypeError('only assignments and eligibilities are cleared away');
        return edits;
      };
      await make(onlyRemovals, wish);
    },
  };
}

/** The same change asked for twice is one: ids and times of making are new each time. */
function referenceOf(edits: readonly ItemEdit[]): string {
  const said = edits.map(({ kind, id, before, after }) => {
    const { createdAtMs: _, ...content } = after ?? {};
    return { kind, ...(before && { id, before }), content };
  });
  return createHash('sha256').update(write({ said })).digest('base64url');
}

const listed = (keys: readonly string[]): string =>
  keys.slice(0, 5).join(', ') + (keys.length > 5 ? ` and ${keys.length - 5} more` : '');

/**
 * What a change rests on, as digests: an assignment is approved with the role as it is, and a role with whoever holds it or
 * may have it. What is held for a while rests on an eligibility, and ends by itself.
 */
function footing(
  edits: readonly ItemEdit[],
  items: Items,
  { roles, assignments }: Composition,
): Record<string, string> {
  const named = edits.map(({ after }) => after?.['role']).filter((role) => typeof role === 'string');
  const changed = edits.filter(({ kind, after }) => kind === 'role' && after !== undefined).map(({ id }) => id);
  const granted = named.map((name) => [`role ${name}`, { ...roles.get(name)?.definition }] as const);
  const held = changed.map((name) => {
    const lasting = assignments.filter(({ role, source }) => role === name && !passing.has(source));
    const eligible = [...items.values()].filter(
      ({ kind, content }) => kind === 'eligibility' && content['role'] === name,
    );
    const holders = [...lasting, ...eligible].toSorted(({ id: one }, { id: other }) => (one < other ? -1 : 1));
    return [`holders of role ${name}`, { holders }] as const;
  });
  return Object.fromEntries(
    [...granted, ...held].map(([name, content]) => [
      name,
      createHash('sha256').update(write(content)).digest('base64url'),
    ]),
  );
}

const passing: ReadonlySet<Assignment['source']> = new Set(['elevation', 'break-glass']);
