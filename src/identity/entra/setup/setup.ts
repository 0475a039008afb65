// Sets the app registration of Genkan up: shows what has to change, and changes it where Microsoft Graph is within reach.
import { GenkanError, refuse } from '../../../base/errors.ts';
import type { Refusal } from '../../../base/errors.ts';
import type { Graph } from '../../conditional-access/directory.ts';
import { permissionsFor } from './permissions.ts';
import type { Ability } from './permissions.ts';
import { shellLines } from './shell-lines.ts';
import type { Shell } from './shell-lines.ts';
import { nothing, readStanding, stepsFor } from './steps.ts';
import type { Call, SetupWish, Standing, Step } from './steps.ts';

export interface SetupOrder extends Omit<SetupWish, 'permissions' | 'ownsItself'> {
  readonly graphUrl: string;
  readonly abilities: readonly Ability[];
  readonly apply: boolean;
  readonly shell: Shell;
}

interface TakenStep extends Step {
  readonly done: boolean;
  /** Why it could not be taken. */
  readonly failure?: string;
}

export interface SetupResult {
  /** Whether Microsoft Graph could be asked; without it every step stands as if nothing were there. */
  readonly reached: boolean;
  readonly why?: string;
  readonly clientId?: string | undefined;
  readonly steps: readonly TakenStep[];
  /** The steps that are left, for the Azure CLI. */
  readonly lines: readonly string[];
}

interface SetupNeighbours {
  /** Absent where nobody has a token for it. */
  readonly graph: (() => Promise<Graph>) | undefined;
  readonly pause: (ms: number) => Promise<unknown>;
}

const attempts = 10;
const pauseMs = 2000;

/** @returns refusal `entra_registration_exists` */
export async function setUp(
  order: SetupOrder,
  { graph: open, pause }: SetupNeighbours,
): Promise<SetupResult | Refusal> {
  const { abilities, graphUrl, shell } = order;
  const wishWith = async (graph?: Graph): Promise<SetupWish> => ({
    ...order,
    permissions: await permissionsFor(abilities, graph),
    ownsItself: abilities.includes('rotate'),
  });
  const offline = async (why?: string): Promise<SetupResult> => {
    const steps = stepsFor(await wishWith(), nothing);
    const lines = shellLines(leftOf(steps.map(untaken)), shell, graphUrl, order.clientId);
    return {
      reached: false,
      ...(why !== undefined && { why }),
      clientId: order.clientId,
      steps: steps.map(untaken),
      lines,
    };
  };
  if (open === undefined) return offline();
  let graph: Graph;
  let wish: SetupWish;
  let standing: Standing;
  try {
    graph = await open();
    wish = await wishWith(graph);
    const taken = order.clientId === undefined ? await registrationsNamed(graph, order.displayName) : [];
    if (taken.length > 0)
      return refuse('entra_registration_exists', { name: order.displayName, clientIds: taken.join(', ') });
    standing = await readStanding(graph, wish);
  } catch (error) {
    if (!(error instanceof GenkanError)) throw error;
    return offline(error.message);
  }
  if (order.clientId !== undefined && standing.application === undefined)
    return refuse('operation_not_found', { kind: 'application', name: order.clientId });
  const known = new Map([
    ['appId', standing.application?.appId],
    ['objectId', standing.application?.id],
    ['principalId', standing.principalId],
    ['graphUrl', graphUrl],
  ]);
  const steps: TakenStep[] = [];
  for (const step of stepsFor(wish, standing)) {
    if (!order.apply || step.act === 'none' || step.act === 'ask') steps.push(untaken(step));
    else steps.push(await take(step));
  }
  const clientId = known.get('appId');
  return {
    reached: true,
    clientId,
    steps: steps.map(named),
    lines: shellLines(leftOf(steps), shell, graphUrl, clientId),
  };

  async function take(step: Step): Promise<TakenStep> {
    try {
      const made = (await send(graph, step.call)) as { id?: string; appId?: string } | undefined;
      if (step.kind === 'application' && step.act === 'create') {
        known.set('appId', made?.appId);
        known.set('objectId', made?.id);
      }
      if (step.kind === 'principal') known.set('principalId', made?.id);
      return { ...step, done: true };
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      return { ...step, done: false, failure: error.message };
    }
  }

  // What was made a moment ago is not known everywhere in the directory at once.
  async function send(to: Graph, { method, path, body }: Call): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await to.request(method, filled(path), filledBody(body));
      } catch (error) {
        const isNew = standing.application === undefined || standing.principalId === undefined;
        const status = error instanceof GenkanError ? error.data?.['status'] : undefined;
        if (!isNew || (status !== 404 && status !== 400) || attempt === attempts) throw error;
        await pause(pauseMs);
      }
    }
  }

  function filled(text: string): string {
    return text.replace(
      /\{(appId|objectId|principalId|graphUrl)\}/g,
      (written, name: string) => known.get(name) ?? written,
    );
  }

  function filledBody(body: Call['body']): unknown {
    return body && Object.fromEntries(Object.entries(body).map(([name, value]) => [name, filledValue(value)]));
  }

  function filledValue(value: unknown): unknown {
    if (typeof value === 'string') return filled(value);
    return Array.isArray(value) ? value.map(filledValue) : value;
  }

  function named(step: TakenStep): TakenStep {
    return { ...step, name: filled(step.name) };
  }
}

const untaken = (step: Step): TakenStep => ({ ...step, done: false });

const leftOf = (steps: readonly TakenStep[]): TakenStep[] => steps.filter(({ act, done }) => act !== 'none' && !done);

/**
 * Registrations that look like ours. None of them is taken for ours: whoever may register applications can give theirs any name, and
 * would hold its credentials.
 */
async function registrationsNamed(graph: Graph, name: string): Promise<string[]> {
  const literal = encodeURIComponent(`'${name.replaceAll("'", "''")}'`);
  const path = `/v1.0/applications?$select=appId&$filter=displayName%20eq%20${literal}`;
  const { value = [] } = (await graph.request('GET', path)) as { value?: { appId: string }[] };
  return value.map(({ appId }) => appId);
}
