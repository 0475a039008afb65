// The policy of a Genkan with a data directory: the book, the desk and the history, and the configuration's part written down.
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { Approvals } from '../approvals/approvals.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { FindPerson } from '../approvals/approvers.ts';
import type { Assignment } from '../assignment.ts';
import type { AccessSettings } from '../settings.ts';
import type { Variables } from '../variables.ts';
import { createCompose } from './composition.ts';
import type { Composition, ConfiguredPolicy } from './composition.ts';
import { configuredItems, recordConfiguration } from './configured-policy.ts';
import { createPolicyBook } from './policy-book.ts';
import { createPolicyChanges } from './policy-changes.ts';
import type { PolicyChanges } from './policy-changes.ts';
import { createPolicyDesk } from './policy-desk.ts';
import { createPolicyHistory } from './policy-history.ts';
import type { PolicyHistory } from './policy-history.ts';
import type { Items, PolicyItem, PolicyKind } from './policy-item.ts';

/** What changing the policy while running needs. */
export interface RunningPolicy {
  readonly database: Database;
  readonly revocations: Revocations;
  readonly approvals: Pick<Approvals, 'open' | 'carryOut'>;
  /** Whom a sign-in name among the approvers means. */
  readonly findPerson: FindPerson;
}

export interface Policy {
  readonly changes: PolicyChanges;
  readonly history: Pick<PolicyHistory, 'list' | 'show' | 'diff'>;
  /** Reads what has changed since. */
  refresh(): Promise<void>;
  /** Items of a kind, as they were read last. */
  items(kind: PolicyKind): readonly PolicyItem[];
  /** Of what was read last. */
  version(): number;
  /** As it was read last, with what is held for a while. */
  compose(elsewhere: readonly Assignment[]): Composition;
}

interface PolicyNeighbours extends RunningPolicy {
  readonly configured: ConfiguredPolicy;
  readonly variables: Variables;
  /** Takes over what this process has just changed. */
  readonly changed: () => Promise<void>;
  readonly clock: Clock;
}

export async function openPolicy(settings: AccessSettings, neighbours: PolicyNeighbours): Promise<Policy> {
  const { database, configured, findPerson } = neighbours;
  await recordConfiguration(configuredItems(settings, configured), neighbours);
  const book = createPolicyBook(neighbours);
  await book.refresh();
  const composeAll = createCompose(configured);
  let held: readonly Assignment[] = [];
  // A change looks several times at the policy as it is.
  let composed = new WeakMap<Items, Composition>();
  const compose = (items: Items): Composition => {
    const composition = composed.get(items) ?? composeAll(items, held);
    composed.set(items, composition);
    return composition;
  };
  const approvers = async () => (await resolveApprovers(settings.changes.approvers, findPerson)).approvers;
  const desk = createPolicyDesk(settings.changes, { ...neighbours, book, compose, approvers });
  const history = createPolicyHistory(database);
  return {
    changes: createPolicyChanges({ ...neighbours, desk, history, compose }),
    history,
    refresh: book.refresh,
    items: (kind) => [...book.state().items.values()].filter((item) => item.kind === kind),
    version: () => book.state().version,
    compose(elsewhere) {
      [held, composed] = [elsewhere, new WeakMap()];
      return compose(book.state().items);
    },
  };
}
