// Random identifiers from the operating system's CSPRNG.
import { randomBytes, randomUUID } from 'node:crypto';

/** An unguessable id: 192 bits from the CSPRNG as 32 base64url characters (visible ASCII, as MCP session ids must be). */
export const unguessableId = (): string => randomBytes(24).toString('base64url');

/** A correlation id for logs and audit records: a GUID, as Azure writes its own. */
export const correlationId = (): string => randomUUID();

/** Ids of W3C Trace Context: nothing depends on their being secret, so that one call for random bytes makes many. */
export const traceId = (): string => digits(16);
export const spanId = (): string => digits(8);

const pooled = 4096;
let pool = '';
let used = pooled * 2;

function digits(bytes: number): string {
  if (used + bytes * 2 > pool.length) [pool, used] = [randomBytes(pooled).toString('hex'), 0];
  const taken = pool.slice(used, (used += bytes * 2));
  return /[^0]/.test(taken) ? taken : digits(bytes); // Trace Context §3.2.2.3: all zeroes stand for none
}
