// One audit record as the rest of Genkan hands it over and as it is read again. The first nine members are those of the Sentinel table `MCPAuditLog`.

import type { Actor } from '../base/actor.ts';

/** What happened to a call: `intent` before it is forwarded, then exactly one of the others; sign-ins and admin acts have only an outcome. */
export type Result = 'intent' | 'allowed' | 'denied' | 'challenged' | 'blocked' | 'failed' | 'unknown';

export interface AuditEntry {
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** Principal id, at Entra ID `oid@tid`; empty before anybody is known. `genkan` for what Genkan does by itself. */
  readonly user: string;
  /** `tools/call`, `tools/list`, `identity.signIn`, `role.assign` … */
  readonly action: string;
  /** What it was done to, e.g. `/servers/azure/tools/compute_vm_update`. */
  readonly resource: string;
  readonly result: Result;
  /**
   * Whatever else there is to say, e.g. `code` of a refusal and `input` of an operation. JSON-safe, nothing secret; at most
   * 16 KiB once encoded, longer details are cut with a notice.
   */
  readonly details: Readonly<Record<string, unknown>>;
  /** The same for intent and outcome of one call, and of no other call: by it alone an outcome finds its intent. */
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;

  readonly actor?: Actor | undefined;
  /** OAuth client through which it was done. */
  readonly client?: string | undefined;
  /** Server that it was done at. */
  readonly server?: string | undefined;
  /** Tool that was called, as its server names it. */
  readonly tool?: string | undefined;
  /** What the call does to the world, worst of its actions. */
  readonly effect?: 'read' | 'write' | 'destroy' | undefined;
  /** What roles were asked about: each action, and the scope at which it was needed. */
  readonly actionRequired?: readonly ActionRequired[] | undefined;
  /** The assignment that granted each of these, in the same order; absent where it was refused. */
  readonly because?: readonly Ground[] | undefined;
  /** Those of the person's groups that decisions rest on. */
  readonly groups?: readonly string[] | undefined;
  /** Rules that had a say, by name. */
  readonly rules?: readonly string[] | undefined;
  /** Who let this very call pass. */
  readonly approval?: { readonly id: string; readonly by?: string | undefined } | undefined;
  /** What inspection found: where, which rule and what was done, never the text. */
  readonly findings?: readonly RecordedFinding[] | undefined;
  /** How many findings more there were than are told. */
  readonly moreFindings?: number | undefined;
  /** From the arrival of the request to its end. */
  readonly durationMs?: number | undefined;
  /** Length of the request and of the answer, in bytes of JSON. */
  readonly bytesIn?: number | undefined;
  readonly bytesOut?: number | undefined;
  /** W3C trace context: 32 and 16 hexadecimal digits. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

export interface ActionRequired {
  /** `Microsoft.Compute/virtualMachines/read`, `mcp/servers/files/tools/read_file/call`, `genkan/role/assign` … */
  readonly action: string;
  /** `true` when it is checked against DataActions instead of Actions. */
  readonly data: boolean;
  readonly scope: string;
}

export interface Ground {
  readonly assignment: string;
  readonly role: string;
  readonly scope: string;
  /** The line of the role that grants it. */
  readonly action?: string | undefined;
}

export interface RecordedFinding {
  readonly kind: string;
  readonly rule: string;
  /** What was done: `flag`, `redact`, `block` … */
  readonly action: string;
  /** Where in the message, and from which character to which. */
  readonly at?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly score?: number | undefined;
}

/** Arguments or answer of a call, as `record.payloads` lets them be kept. */
export interface RecordedPayload {
  /** Length of all of it, in bytes of JSON. */
  readonly bytes: number;
  /** HMAC-SHA-256 of all of it under the key of the person, base64url: tells who can ask whether two were alike, and nobody else. */
  readonly digest: string;
  /** Which form of it can be had with `audit show`; absent where nothing but the digest was kept. */
  readonly kept?: 'redacted' | 'full' | undefined;
}

export interface StoredEntry extends AuditEntry {
  /** Index of the leaf in the RFC 6962 tree, from 0. */
  readonly index: number;
  /** Pseudonym of the user. It is all that remains of them in their records once they are erased. */
  readonly subject?: string | undefined;
  /**
   * Why the personal part cannot be read: the person was erased, or the key is not at hand. `user` is then the pseudonym,
   * and what may tell the person (`details`, `sourceIP`, `userAgent`, `actor` …) is empty or absent.
   */
  readonly withheld?: 'erased' | 'no key' | undefined;
  /** What the call was given. */
  readonly arguments?: RecordedPayload | undefined;
  /** What came back. */
  readonly answer?: RecordedPayload | undefined;
}

/** Contents of a call, to be kept as `record.payloads` says for this server and tool. */
export interface Contents {
  readonly arguments?: unknown;
  readonly answer?: unknown;
}

export interface Recorder {
  /**
   * Appends one record. Resolves with its leaf index once it is durable (COMMIT with fsync, signed checkpoint included).
   * @param contents of a call, kept only as far as the settings let them
   * @throws GenkanError `record_unavailable` when it could not be made durable; nothing may then be forwarded or answered
   */
  append(entry: AuditEntry, contents?: Contents): Promise<number>;
}
