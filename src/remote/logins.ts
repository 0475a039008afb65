// Where a person has signed in with the command line: one login for each Genkan, sealed, and changed by one process at a time.
import { z } from 'zod';
import type { Leases } from '../state/leases.ts';
import type { SealedStore } from '../state/sealed-store.ts';

const login = z.strictObject({
  person: z.strictObject({ id: z.string(), name: z.string() }),
  clientId: z.string(),
  /** Private key, as JWK, that the tokens are bound to (RFC 9449): without it they are good for nobody. */
  key: z.record(z.string(), z.unknown()),
  tokens: z.strictObject({
    access: z.string(),
    refresh: z.string().optional(),
    scope: z.string(),
    expiresAtMs: z.int(),
  }),
  /** As it named itself when the person signed in: tokens go nowhere else. */
  server: z.strictObject({ issuer: z.string(), token_endpoint: z.string(), revocation_endpoint: z.string() }),
});

/** Tokens of somebody of whom it is not known yet who they are. */
export type Grant = Omit<Login, 'person'>;
export type Login = z.output<typeof login>;

export interface Logins {
  /** Undefined also for what cannot be read any more. */
  read(url: string): Promise<Login | undefined>;
  write(url: string, login: Login): Promise<void>;
  forget(url: string): Promise<void>;
  /** Addresses, in order. */
  list(): Promise<readonly string[]>;
  /** A refresh token is good once, and two commands may need it at the same moment. */
  inTurn<Value>(url: string, work: () => Promise<Value>): Promise<Value>;
}

const entry = 'remote-login';

export function createLogins(sealed: SealedStore, leases: Leases): Logins {
  return {
    async read(url) {
      const text = await sealed.get(url, entry);
      return text === undefined ? undefined : login.safeParse(JSON.parse(text)).data;
    },
    write: (url, value) => sealed.put(url, entry, JSON.stringify(value)),
    async forget(url) {
      await sealed.remove(url, entry);
    },
    list: () => sealed.owners(entry),
    inTurn: (url, work) => leases.hold(`${entry} ${url}`, work),
  };
}
