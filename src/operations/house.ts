// What operations may use of the house, and no more: each room as operations need it.
import type { Access } from '../access/decision.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Recorder, Result, StoredEntry } from '../record/entry.ts';
import type { ServerSettings } from '../upstream/settings.ts';

/** What can be had of a data directory and a configuration without opening the house. */
export interface Desk {
  readonly audit: AuditDesk;
  readonly configuration: ConfigurationDesk;
}

export interface House extends Desk {
  readonly access: AccessDesk;
  readonly record: Recorder;
  readonly catalogue: CatalogueDesk;
  readonly people: PeopleDesk;
  /** Present in the trial only. */
  readonly trial?: TrialDesk;
  readonly clock: { readonly now: () => number };
  /** Without a final slash. */
  readonly publicUrl: string;
}

export interface AuditDesk {
  /** The newest records that match, oldest first. */
  list(filter: AuditFilter): Promise<readonly StoredEntry[]>;
  /** Proves the whole log against its signed checkpoint. */
  verify(): Promise<AuditVerdict>;
  /** A proof of one record that can be checked elsewhere; undefined when there is no such record. */
  proof(index: number): Promise<string | undefined>;
}

export interface AuditFilter {
  readonly limit: number;
  readonly user?: string;
  readonly action?: string;
  readonly result?: Result;
}

export interface AuditVerdict {
  readonly ok: boolean;
  /** Number of records covered by the checkpoint. */
  readonly size: number;
  /** What does not hold, for people; empty when all of it does. */
  readonly problems: readonly string[];
}

export interface ConfigurationDesk {
  /** Checks the file again, as it is now. */
  check(): ConfigurationReport;
  /** Settings in force, secrets masked. */
  show(): Readonly<Record<string, unknown>>;
  schema(): Readonly<Record<string, unknown>>;
}

export interface ConfigurationReport {
  readonly file: string;
  readonly mistakes: readonly {
    readonly line: number;
    readonly column: number;
    readonly kind: string;
    /** Several lines for people, the excerpt included. */
    readonly text: string;
  }[];
}

export interface AccessDesk extends Pick<Access, 'decide'> {
  /** Whether the principal may carry out an administrative action at a scope. */
  allows(principal: Principal, action: string, data: boolean, scope: string): boolean;
  roles(): readonly RoleView[];
  assignments(): readonly AssignmentView[];
  /** Durable when it resolves. Resolves with a refusal when role or scope will not do. */
  assign(wanted: AssignmentWish, createdBy: string): Promise<AssignmentView | Refusal>;
  unassign(id: string): Promise<AssignmentView | Refusal>;
}

export interface RoleView {
  readonly name: string;
  readonly description: string;
  /** `built-in`, or where it was read from. */
  readonly source: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  readonly assignableScopes: readonly string[];
}

export interface AssignmentWish {
  readonly principal: { readonly kind: 'user' | 'group'; readonly id: string };
  readonly role: string;
  readonly scope: string;
}

export interface AssignmentView extends AssignmentWish {
  readonly id: string;
  readonly source: 'configuration' | 'database';
}

export interface CatalogueDesk {
  list(): readonly ServerView[];
  add(name: string, settings: ServerSettings, addedBy: string): Promise<ServerView | Refusal>;
  remove(name: string): Promise<ServerView | Refusal>;
  /** Approves a server, or takes its approval back. */
  approve(name: string, approved: boolean, by: string): Promise<ServerView | Refusal>;
}

export interface ServerView {
  readonly name: string;
  readonly title?: string;
  readonly kind: 'stdio' | 'http';
  readonly approved: boolean;
  readonly source: 'configuration' | 'database';
  /** Conversations open now. */
  readonly open: number;
  readonly lastError?: string;
}

export interface PeopleDesk {
  /** A person by principal id or sign-in name, with the groups last seen. */
  find(name: string): Promise<Principal | undefined>;
}

export interface TrialDesk {
  /**
   * An access token as a client of that person would get it.
   * @param resource RFC 8707 resource
   */
  token(person: Principal, resource: string): Promise<{ readonly token: string; readonly expiresInSeconds: number }>;
}
