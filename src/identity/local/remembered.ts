// What is kept of a sign-in between starts: who it was, until when that is believed, and how to renew it. Always sealed.
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { SealedStore } from '../../state/sealed-store.ts';

/** What a person is shown who has to sign in. */
export interface Shown {
  readonly url: string;
  /** To be entered there; absent where a browser has been opened. */
  readonly code?: string;
}

const kept = z.strictObject({
  person: z.strictObject({
    id: z.string(),
    name: z.string(),
    groups: z.array(z.string()),
    displayName: z.string().optional(),
  }),
  contexts: z.array(z.string()),
  /** `sub` of the ID token: what is renewed must be about the same person (OpenID Connect Core §12.2). */
  subject: z.string(),
  expiresAtMs: z.int(),
  refreshToken: z.string().optional(),
  /** Of the broker that keeps the tokens in its place. */
  account: z.string().optional(),
  /** What a resource demanded of the next sign-in (claims challenge). */
  demanded: z.string().optional(),
});
export type Kept = z.output<typeof kept>;

export interface Remembered {
  read(): Promise<Kept | undefined>;
  write(sign: Kept): Promise<void>;
  /** @returns whether there was anything */
  forget(): Promise<boolean>;
  /** Where the person is being asked at this moment, by whichever process. */
  asked(): Promise<Shown | undefined>;
  /** @param untilMs when whoever asks has given up at the latest */
  ask(shown: Shown, untilMs: number): Promise<void>;
  answered(): Promise<void>;
}

const entry = 'local-sign-in';
const question = 'local-question';
const asked = z.strictObject({ url: z.url(), code: z.string().optional(), untilMs: z.int() });

/** @param provider name of the provider and the application there */
export function createRemembered(store: SealedStore, provider: string, clock: Clock): Remembered {
  return {
    async read() {
      const text = await store.get(provider, entry);
      const parsed = text === undefined ? undefined : kept.safeParse(JSON.parse(text));
      return parsed?.data;
    },
    write: (sign) => store.put(provider, entry, JSON.stringify(kept.parse(sign))),
    forget: () => store.remove(provider, entry),
    async asked() {
      const text = await store.get(provider, question);
      const parsed = text === undefined ? undefined : asked.safeParse(JSON.parse(text));
      if (parsed?.data === undefined || parsed.data.untilMs < clock.now()) return undefined;
      const { url, code } = parsed.data;
      return { url, ...(code !== undefined && { code }) };
    },
    ask: (shown, untilMs) => store.put(provider, question, JSON.stringify({ ...shown, untilMs })),
    async answered() {
      await store.remove(provider, question);
    },
  };
}
