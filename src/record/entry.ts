// One audit record as the rest of Genkan hands it over. The first nine fields are those of the Sentinel table `MCPAuditLog`.

/** What happened to a call: `intent` before it is forwarded, then exactly one of the others; sign-ins and admin acts have only an outcome. */
export type Result = 'intent' | 'allowed' | 'denied' | 'challenged' | 'blocked' | 'failed' | 'unknown';

export interface AuditEntry {
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** Principal id; empty before anybody is known. */
  readonly user: string;
  /** `tools/call`, `tools/list`, `identity.signIn`, `role.assign` … */
  readonly action: string;
  /** What it was done to, e.g. `/servers/azure/tools/compute_vm_update`. */
  readonly resource: string;
  readonly result: Result;
  /** JSON-safe, nothing secret; at most 16 KiB once encoded, longer details are cut with a notice. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The same for intent and outcome of one call, and of no other call: by it alone an outcome finds its intent. */
  readonly correlationId: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

export interface StoredEntry extends AuditEntry {
  /** Index of the leaf in the RFC 6962 tree, from 0. */
  readonly index: number;
}

export interface Recorder {
  /**
   * Appends one record. Resolves with its leaf index once it is durable (COMMIT with fsync, signed checkpoint included).
   * @throws GenkanError `record_unavailable` when it could not be made durable; nothing may then be forwarded or answered
   */
  append(entry: AuditEntry): Promise<number>;
}
