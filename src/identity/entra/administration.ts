// What administrators can have done about Genkan's registration at Entra ID: comparing it, looking at credentials, exchanging its own.
import { setTimeout as passed } from 'node:timers/promises';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Finding } from '../conditional-access/desk.ts';
import type { Proof } from './credential.ts';
import { auditCredentials } from './credentials-audit.ts';
import type { Concern, CredentialsAudit } from './credentials-audit.ts';
import { createRotation } from './credentials/rotation.ts';
import type { Rotation, RotationNeighbours } from './credentials/rotation.ts';
import { check } from './setup/check.ts';
import type { CheckFinding } from './setup/check.ts';
import { federatedBy } from './setup/order.ts';
import type { Configured } from './setup/order.ts';
import { lookingLines } from './setup/shell-lines.ts';

export interface EntraAdministration {
  check(): Promise<readonly CheckFinding[]>;
  /** @param app client id, or `all`; Genkan itself when absent */
  credentials(app?: string): Promise<CredentialsAudit & { readonly own?: Shown; readonly lines: readonly string[] }>;
  readonly credentialKind: Proof['kind'];
  rotate: Rotation['rotate'];
  /** Goes on from now on, and every minute, with an exchange that is under way. */
  attend(): void;
  /** What is under way stops where it is, and goes on with the next process. */
  close(): Promise<void>;
}

type Shown = Pick<Proof, 'kind' | 'id'>;

interface AdministrationNeighbours {
  /** How policies compare; absent without policies. */
  readonly compare: (() => Promise<readonly Finding[]>) | undefined;
  readonly rotation: Omit<RotationNeighbours, 'own' | 'pause' | 'closing'>;
  readonly log: Log;
}

const attendMs = 60_000;
const pressingConcerns: ReadonlySet<Concern> = new Set(['expired', 'expires soon', 'old']);

export function createEntraAdministration(
  { own, settings, publicUrl, contexts, appRoles, hasPolicies }: Configured,
  { compare, rotation: forRotation, log }: AdministrationNeighbours,
): EntraAdministration {
  const { graph, send } = own;
  const { tenant, clientId, authorityHost, apiScope } = settings;
  const closing = new AbortController();
  const rotation = createRotation({
    ...forRotation,
    own,
    pause: (ms, signal) => passed(ms, undefined, { signal }),
    closing: closing.signal,
  });
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<unknown> = Promise.resolve();
  const goOn = (): void => {
    underway = underway
      .then(() => rotation.resume())
      .catch((error: unknown) => {
        if (!closing.signal.aborted) log.error({ err: error }, 'the exchange of a credential did not go on');
      });
  };
  const shown = (): Promise<Shown | undefined> =>
    own.proof().then(
      ({ kind, id }) => ({ kind, id }),
      () => undefined,
    );
  const slash = apiScope?.lastIndexOf('/') ?? 0;

  return {
    async credentials(app = clientId) {
      const current = app === clientId ? await shown() : undefined;
      const more = {
        ...(current && { own: current }),
        lines: lookingLines(app === 'all' ? 'CLIENT-ID' : app).slice(1, 4),
      };
      const blind = (why: string) => ({ credentials: [], unseen: [`credentials: ${why}`], ...more });
      if (graph === undefined) return blind('it is not said in which tenant the application is at home');
      try {
        return { ...(await auditCredentials(graph, app, forRotation.clock.now())), ...more, lines: [] };
      } catch (error) {
        if (!(error instanceof GenkanError) || error.code === 'operation_not_found') throw error;
        return blind(error.message);
      }
    },
    credentialKind: Object.keys(settings.credential)[0] as Proof['kind'],
    rotate(order) {
      const rotated = rotation.rotate(order);
      underway = Promise.allSettled([underway, rotated]);
      return rotated;
    },
    attend() {
      timer ??= setInterval(goOn, attendMs).unref();
      goOn();
    },
    async close() {
      clearInterval(timer);
      closing.abort();
      await underway;
    },
    check: async () => [
      ...(await check(
        {
          displayName: 'Genkan',
          tenant,
          clientId,
          publicUrl,
          multiTenant: tenant === 'organizations',
          scope: apiScope?.slice(slash + 1) ?? 'access',
          identifierUri: apiScope?.slice(0, slash),
          appRoles,
          contexts,
          federated: await own.proof().then(
            (proof) => federatedBy(proof, authorityHost),
            () => undefined, // said when it signs in
          ),
          authorityHost,
          abilities: hasPolicies ? ['conditional-access'] : [],
        },
        { send, signIn: () => own.signIn(), graph, compare },
      )),
      ...(await endings()),
    ],
  };

  /** What ends soon is known before it ends. */
  async function endings(): Promise<CheckFinding[]> {
    if (graph === undefined) return [];
    const { credentials } = await auditCredentials(graph, clientId, forRotation.clock.now()).catch(
      (error: unknown): Pick<CredentialsAudit, 'credentials'> => {
        if (error instanceof GenkanError) return { credentials: [] }; // said of the registration
        throw error;
      },
    );
    return credentials.flatMap(({ kind, id, concerns, expiresAtMs = 0 }) => {
      const pressing = concerns.filter((each) => pressingConcerns.has(each));
      const ends = new Date(expiresAtMs).toISOString().slice(0, 10);
      if (pressing.length === 0) return [];
      const fix = pressing.includes('expired') ? 'delete it, if another is in use' : 'genkan credential rotate';
      return [{ about: `${kind} ${id}`, state: 'differs' as const, says: `${pressing.join(', ')}; ends ${ends}`, fix }];
    });
  }
}
