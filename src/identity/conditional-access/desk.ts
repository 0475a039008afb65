// Conditional access for administrators: what the policies are and who sees to each part, what they make of somebody, and Entra ID's side of them.
import type { Circumstances, ConditionalAccess, Explained, Judgement } from './conditional-access.ts';
import type { Graph, ResolvedName } from './directory.ts';
import { azureCommand, planSteps, provers, readThere } from './graph-plan.ts';
import type { Step, There } from './graph-plan.ts';
import { leavesOf } from './leaves.ts';
import type { Leaf } from './leaves.ts';
import type { ConditionalAccessSettings } from './settings.ts';

interface ListedPolicy {
  readonly name: string;
  readonly state: string;
  readonly source: string;
  readonly parts: readonly Leaf[];
}

interface PlannedStep extends Step {
  readonly command: string;
  readonly done: boolean;
}

export interface Finding {
  readonly level: 'ok' | 'notice' | 'problem';
  readonly about: string;
  readonly says: string;
}

export interface ConditionalAccessDesk {
  policies(): readonly ListedPolicy[];
  names(): readonly ResolvedName[];
  explain(asked: Circumstances): {
    readonly judgement: Judgement;
    readonly policies: readonly Explained[];
  };
  /**
   * What has to change at Entra ID, and with `apply` changes it.
   * @returns whether Graph could be asked; without it every step stands as if nothing were there
   */
  plan(how: { readonly apply: boolean; readonly enforce: boolean }): Promise<{
    readonly reached: boolean;
    readonly steps: readonly PlannedStep[];
  }>;
  /** How the real policies compare with ours. @throws GenkanError when Graph cannot be asked */
  compare(): Promise<readonly Finding[]>;
}

interface DeskNeighbours {
  readonly access: ConditionalAccess;
  readonly settings: ConditionalAccessSettings;
  readonly entra: boolean;
  readonly clientId: string;
  readonly graphUrl: string;
  readonly graph?: Graph | undefined;
}

const nothing: There = { policies: [], contexts: [], locations: [] };

export function createConditionalAccessDesk(neighbours: DeskNeighbours): ConditionalAccessDesk {
  const { access, settings, entra, graph, graphUrl } = neighbours;
  const { policies, directory } = access;
  const plan = (there: There, enforce: boolean): Step[] =>
    planSteps({ ...neighbours, policies, directory }, there, enforce);

  return {
    policies: () =>
      policies.map((each) => ({
        name: each.name,
        state: each.policy.state,
        source: each.source,
        parts: leavesOf(each, { settings, entra }),
      })),
    names: () => directory.list(),
    explain: (asked) => ({ judgement: access.evaluate(asked), policies: access.explain(asked) }),
    async plan({ apply, enforce }) {
      if (graph === undefined)
        return { reached: false, steps: plan(nothing, enforce).map((step) => planned(step, false)) };
      await access.refresh();
      const steps: PlannedStep[] = [];
      for (const step of plan(await readThere(graph), enforce)) {
        const takes = apply && step.act !== 'none' && step.unresolved.length === 0;
        if (takes) await graph.request(step.method, step.path, step.body);
        steps.push(planned(step, takes));
      }
      return { reached: true, steps };
    },
    async compare() {
      if (graph === undefined) return [];
      const there = await readThere(graph);
      return [
        ...access.contexts.map((context) => contextFinding(context, there)),
        ...plan(there, true)
          .filter(({ kind }) => kind === 'policy')
          .map(policyFinding),
      ];
    },
  };

  function planned(step: Step, done: boolean): PlannedStep {
    return { ...step, command: azureCommand(graphUrl, step), done };
  }
}

function contextFinding(context: string, there: There): Finding {
  const about = `authentication context ${context}`;
  const known = there.contexts.find(({ id }) => id === context);
  if (known === undefined) return { level: 'problem', about, says: 'does not exist at Entra ID' };
  if (known['isAvailable'] !== true) return { level: 'problem', about, says: 'is not published to applications' };
  return provers(there, context).length > 0
    ? { level: 'ok', about, says: 'a policy in force says what proves it' }
    : {
        level: 'problem',
        about,
        says: 'proves nothing: no policy in force at Entra ID asks for anything when it is asked for',
      };
}

function policyFinding({ act, name, differences, unresolved }: Step): Finding {
  const about = `policy "${name}"`;
  if (unresolved.length > 0)
    return { level: 'problem', about, says: `these names mean nobody: ${unresolved.join(', ')}` };
  if (act === 'create') return { level: 'notice', about, says: 'is not at Entra ID; Genkan enforces it alone' };
  if (act === 'none') return { level: 'ok', about, says: 'is the same at Entra ID' };
  return { level: 'notice', about, says: `differs at Entra ID: ${differences.map(({ path }) => path).join(', ')}` };
}
