// What operations may use of the house, and no more.
import type { AccessControl } from '../access/access.ts';
import type { Expected } from '../access/analysis/expectations.ts';
import type { IdentityReader } from '../access/analysis/identity-reader.ts';
import type { Approvals } from '../access/approvals/approvals.ts';
import type { ElevationDesk } from '../access/elevation/elevation-desk.ts';
import type { Limits } from '../access/limits/limits.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Agents } from '../identity/agents/agents.ts';
import type { PinDesk } from '../inspect/pins/pin-desk.ts';
import type { Marks } from '../inspect/taint/marks.ts';
import type { KillSwitch } from '../identity/kill-switch/kill-switch.ts';
import type { ConditionalAccessDesk } from '../identity/conditional-access/desk.ts';
import type { EntraAdministration } from '../identity/entra/administration.ts';
import type { EntraSetup } from '../identity/entra/setup/order.ts';
import type { ReviewDesk } from '../access/reviews/review-desk.ts';
import type { Notify } from '../notify/notify.ts';
import type { RecordDesk } from '../record/desk.ts';
import type { Recorder } from '../record/entry.ts';
import type { Exports } from '../record/export/exports.ts';
import type { Reader } from '../record/reader.ts';
import type { Search } from '../record/search/search.ts';
import type { Telemetry } from '../record/telemetry/telemetry.ts';
import type { Verified } from '../record/witness/proving.ts';
import type { WitnessState } from '../record/witness/publisher.ts';
import type { Followed } from '../record/witness/witness.ts';
import type { KeyRotation } from '../state/key-ring-rotation.ts';
import type { Connections } from '../upstream/authorization/connections.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

/** What can be had of a data directory and a configuration without opening the house. */
export interface Desk {
  readonly audit: AuditDesk;
  /** Asks the audit log a question. The house has it, and the desk of one's own records or of a copy. */
  readonly search?: Search;
  /** Whether the data directory is there to be read alone; present at the command line. */
  readonly isCopy?: () => Promise<boolean>;
  readonly configuration: ConfigurationDesk;
  /** Present at the command line. */
  readonly files?: FileDesk;
  /** Runs files of expectations against a policy; present at the command line. */
  readonly policyTests?: PolicyTestDesk;
  /** Registers Genkan at Entra ID; present at the command line. */
  readonly entraSetup?: EntraSetup;
  /** Present at the command line of the trial only. */
  readonly trialData?: TrialDataDesk;
}

export interface House extends Desk {
  readonly search: Search;
  readonly access: Pick<
    AccessControl,
    'allows' | 'explain' | 'roles' | 'assignments' | 'denyAssignments' | 'inForce' | 'policy'
  >;
  /** Reads at Azure what an identity may do there; absent where Genkan has no application of its own in one tenant. */
  readonly identityReader?: IdentityReader | undefined;
  readonly approvals: Pick<Approvals, 'find' | 'list' | 'whyNot' | 'decide' | 'withdraw'>;
  readonly limits: Pick<Limits, 'list' | 'reset' | 'counting' | 'processes'>;
  readonly reviews: ReviewDesk;
  readonly notices: Pick<Notify, 'channels' | 'list' | 'test'>;
  readonly elevation: Omit<ElevationDesk, 'list' | 'attend' | 'close'>;
  /** A token for somebody whom the identity provider cannot sign in now. */
  readonly emergencyToken: (wish: {
    readonly accountId: string;
    readonly resource: string;
    readonly ttlSeconds: number;
  }) => Promise<{ readonly token: string; readonly grantId: string }>;
  readonly record: Recorder;
  /** What was recorded, from the beginning of a time to its end. */
  readonly recorded: Pick<Reader, 'scan'>;
  readonly recordDesk: Pick<RecordDesk, 'show' | 'erase' | 'holds' | 'prune'>;
  /** Where records go besides. */
  readonly exports: Pick<Exports, 'list' | 'test' | 'reset' | 'retry'>;
  /** Where metrics and traces go; absent where they go nowhere. */
  readonly telemetry?: (Pick<Telemetry, 'test'> & { readonly sampledShare: number }) | undefined;
  readonly witnesses: WitnessDesk;
  readonly catalogue: CatalogueDesk;
  readonly people: PeopleDesk;
  readonly pins: PinDesk;
  /** Absent where there are no taint rules. */
  readonly taint?: Pick<Marks, 'list' | 'clear'> | undefined;
  readonly connections: ConnectionDesk;
  /** Absent where no policies are configured. */
  readonly conditionalAccess?: ConditionalAccessDesk | undefined;
  /** Absent where people do not sign in with Entra ID. */
  readonly entra?: EntraAdministration | undefined;
  /** The keys that seal stored secrets. */
  readonly keys: Pick<KeyRotation, 'source' | 'list' | 'rotate'>;
  readonly clients: ClientDesk;
  readonly killSwitch: KillSwitch;
  /** Present in the trial only. */
  readonly trial?: TrialDesk;
  readonly clock: { readonly now: () => number };
  /** Without a final slash. */
  readonly publicUrl: string;
}

export interface AuditDesk extends Pick<Reader, 'list'> {
  /** @param options.verifierKey in the place of the one that lies beside the log */
  verify(options?: {
    readonly keptCheckpoint?: string | undefined;
    readonly verifierKey?: string | undefined;
  }): Promise<Verified>;
  /** A proof of one record (c2sp.org/tlog-proof); undefined when there is no such record. */
  proof(index: number): Promise<string | undefined>;
  checkpoint(): Promise<{
    /** The newest, signed by the log (c2sp.org/tlog-checkpoint). */
    readonly checkpoint: string;
    /** Verifier key of the log. */
    readonly key: string;
    /** The newest one that witnesses have cosigned. */
    readonly cosigned?: string | undefined;
  }>;
}

/** Files of whoever is at the command line. */
export interface FileDesk {
  /** @throws when it cannot be read */
  read(file: string): string;
  /** @throws when it is there already, or cannot be written */
  write(file: string, text: string): void;
}

/** Who outside has our checkpoints, and for which logs we are a witness. */
export interface WitnessDesk {
  list(): readonly WitnessState[];
  publish(): Promise<readonly WitnessState[]>;
  /** Our key as a witness; undefined where we are none. */
  readonly ownKey: string | undefined;
  followed(): Promise<readonly Followed[]>;
}

export interface CatalogueDesk extends Pick<Catalogue, 'list' | 'add' | 'remove' | 'approve'> {
  /** Takes a server out of use until it is approved again. @returns refusal `upstream_unknown` */
  disable(name: string, by: string): Promise<Refusal | undefined>;
}

/** Accounts that people have connected at servers that ask for sign-in. */
export type ConnectionDesk = Pick<Connections, 'list' | 'remove' | 'removeServer'>;

/** Agents that administrators register. */
export interface ClientDesk extends Agents {
  /** Issuers whose tokens agents may sign in with. */
  readonly workloadIssuers: readonly string[];
}

export interface ConfigurationDesk {
  /**
   * Checks the file as it is now.
   * @param options.resolve whether to try as well if every secret can be had
   */
  check(options: { readonly resolve: boolean }): Promise<ConfigurationReport>;
  /** Settings with defaults filled in and secrets masked. */
  show(): Readonly<Record<string, unknown>>;
  /** JSON Schema of genkan.yaml. */
  schema(): Readonly<Record<string, unknown>>;
}

export interface ConfigurationReport {
  readonly file: string;
  /** What is no mistake and yet ought to be known. */
  readonly notes: readonly string[];
  readonly mistakes: readonly {
    readonly line: number;
    readonly column: number;
    readonly kind: string;
    /** Several lines for people, the excerpt included. */
    readonly text: string;
  }[];
}

export interface PolicyTestDesk {
  /** @throws GenkanError `access_expectations_invalid`, `config_missing`, and for a policy that is not valid */
  run(files: readonly string[]): Promise<readonly Expected[]>;
}

export interface TrialDataDesk {
  /**
   * Deletes databases and keys.
   * @returns the directory that held them
   * @throws GenkanError `operation_server_running`
   */
  reset(): Promise<string>;
}

export interface PeopleDesk {
  /** A person by principal id or sign-in name, with the groups last seen. */
  find(name: string): Promise<Principal | undefined>;
}

export interface TrialDesk {
  /** Authentication context that proves a second factor; undefined where none is configured. */
  readonly secondFactor?: string | undefined;
  /**
   * An access token as a client of that person would get it, with the authentication contexts that they are said to have proved.
   * @param resource RFC 8707 resource
   */
  token(person: Principal, resource: string): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
}
