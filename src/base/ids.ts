// Random identifiers from the operating system's CSPRNG.
import { randomBytes, randomUUID } from 'node:crypto';

/** An unguessable id: 192 bits from the CSPRNG as 32 base64url characters (visible ASCII, as MCP session ids must be). */
export const unguessableId = (): string => randomBytes(24).toString('base64url');

/** A correlation id for logs and audit records: a GUID, as Azure writes its own. */
export const correlationId = (): string => randomUUID();
