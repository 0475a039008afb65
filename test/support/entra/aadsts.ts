// How the Entra stand-in refuses: AADSTS codes with the OAuth error that Entra ID puts beside each.
import { randomUUID } from 'node:crypto';

/** The OAuth error beside an AADSTS code, where it is not `invalid_grant`. */
const errors: Readonly<Record<number, string>> = {
  50011: 'invalid_request', // redirect URI
  50058: 'login_required',
  50105: 'access_denied',
  50194: 'invalid_request',
  65004: 'access_denied',
  70002: 'invalid_client',
  70003: 'unsupported_grant_type',
  70005: 'unsupported_response_type',
  70011: 'invalid_scope',
  70016: 'authorization_pending',
  70018: 'bad_verification_code',
  70020: 'expired_token',
  28000: 'invalid_request',
  28003: 'invalid_scope',
  90002: 'invalid_request',
  500011: 'invalid_resource',
  650053: 'invalid_client',
  700016: 'unauthorized_client',
  700021: 'invalid_client',
  700023: 'invalid_client',
  700024: 'invalid_client',
  700025: 'invalid_client',
  700027: 'invalid_client',
  700211: 'invalid_client',
  700212: 'invalid_client',
  700213: 'invalid_client',
  700222: 'invalid_client',
  900144: 'invalid_request',
  900561: 'invalid_request',
  1002012: 'invalid_scope',
  7000114: 'unauthorized_client',
  7000215: 'invalid_client',
  7000218: 'invalid_client',
  7000222: 'invalid_client',
  9010010: 'invalid_target',
};

export interface AadstsExtras {
  readonly error?: string;
  readonly suberror?: string;
  /** Claims challenge, as JSON. */
  readonly claims?: string;
  readonly status?: number;
  /** Seconds, for 429 and 503. */
  readonly retryAfter?: number;
}

export class AadstsError extends Error {
  readonly code: number;
  readonly error: string;
  readonly extras: AadstsExtras;

  constructor(code: number, text: string, extras: AadstsExtras = {}) {
    super(`AADSTS${code}: ${text}`);
    this.code = code;
    this.error = extras.error ?? errors[code] ?? 'invalid_grant';
    this.extras = extras;
  }

  get status(): number {
    return this.extras.status ?? (this.error === 'invalid_client' ? 401 : 400);
  }

  /** The answer of the token endpoint. */
  body(origin: string, correlationId: string | undefined): Record<string, unknown> {
    const [traceId, correlation] = [randomUUID(), correlationId ?? randomUUID()];
    const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '');
    return {
      error: this.error,
      error_description: `${this.message} Trace ID: ${traceId} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [this.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlation,
      error_uri: `${origin}/error?code=${this.code}`,
      ...(this.extras.suberror !== undefined && { suberror: this.extras.suberror }),
      ...(this.extras.claims !== undefined && { claims: this.extras.claims }),
    };
  }
}
