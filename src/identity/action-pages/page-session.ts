// Who has signed in for pages on which people act, and what that proved: kept by their browser for a quarter of an hour, sealed by us.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { cookieOf, hostCookie } from '../cookies.ts';

export interface PageSession {
  /** Principal id. */
  readonly person: string;
  /** Authentication contexts that the sign-in proved. */
  readonly contexts: readonly string[];
  /** When they gave their credentials, where that is known. */
  readonly signedInAtMs?: number | undefined;
  /** Whether the sign-in was asked for what a policy demands. */
  readonly demanded?: boolean | undefined;
}

export interface OpenSession extends PageSession {
  readonly iatMs: number;
  readonly untilMs: number;
}

export interface PageSessions {
  read(request: IncomingMessage): OpenSession | undefined;
  begin(response: ServerResponse, session: PageSession): void;
}

const lifetimeSeconds = 900;
const kept = z.object({
  person: z.string(),
  contexts: z.array(z.string()),
  signedInAtMs: z.number().optional(),
  demanded: z.boolean().optional(),
  iatMs: z.number(),
  untilMs: z.number(),
});

/** @param secrets the first seals, all of them open */
export function createPageSessions(issuer: string, secrets: readonly string[], clock: Clock): PageSessions {
  const cookie = hostCookie(issuer, 'genkan_page');
  const sealOf = (payload: string, secret: string): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['page', payload]))
      .digest();

  return {
    read(request) {
      const [payload = '', seal = ''] = (cookieOf(request, cookie.name) ?? '').split('.');
      const given = Buffer.from(seal, 'base64url');
      const isOurs = secrets.some((secret) => {
        const right = sealOf(payload, secret);
        return right.length === given.length && timingSafeEqual(right, given);
      });
      if (!isOurs) return undefined;
      // Another version of us may have sealed it in another form.
      const session = kept.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).data;
      return session !== undefined && session.untilMs > clock.now() ? session : undefined;
    },
    begin(response, session) {
      const iatMs = clock.now();
      const open: OpenSession = { ...session, iatMs, untilMs: iatMs + lifetimeSeconds * 1000 };
      const payload = Buffer.from(JSON.stringify(open)).toString('base64url');
      const value = `${payload}.${sealOf(payload, secrets[0]!).toString('base64url')}`;
      response.appendHeader('set-cookie', `${cookie.name}=${value}; ${cookie.attributes}; Max-Age=${lifetimeSeconds}`);
    },
  };
}
