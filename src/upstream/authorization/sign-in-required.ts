// The fault that a person has to sign in at a server first, with the address at which they can.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { GenkanError } from '../../base/errors.ts';

/** An assistant may show the address a while before its person gets to it. */
const ticketMs = 3_600_000;

export interface Tickets {
  signInRequired(person: string, server: string, detail: string): GenkanError;
  /** Whether it looks like a ticket of not long ago, whoever made it and for whom. */
  isCurrent(ticket: string): boolean;
  /** Whether Genkan made this ticket for this person and server. */
  isFor(ticket: string, person: string, server: string): boolean;
}

/**
 * Tickets say for whom an address was made, so that nobody is talked into opening another's, or one that no assistant asked
 * for. They are no secret: whoever opens the address still has to be that person.
 */
export function createTickets(key: Buffer, publicUrl: string, clock: { readonly now: () => number }): Tickets {
  const sign = (person: string, server: string, untilMs: number): string =>
    createHmac('sha256', key)
      .update(JSON.stringify(['connect', person, server, untilMs]))
      .digest('base64url');
  return {
    signInRequired(person, server, detail) {
      const untilMs = clock.now() + ticketMs;
      const ticket = `${untilMs.toString(36)}.${sign(person, server, untilMs)}`;
      const url = `${publicUrl}/connect/${server}?ticket=${ticket}`;
      return new GenkanError('upstream_sign_in_required', { server, url }, { detail, data: { server, url } });
    },
    isCurrent(ticket) {
      const untilMs = partsOf(ticket)?.untilMs ?? 0;
      return untilMs > clock.now() && untilMs <= clock.now() + ticketMs;
    },
    isFor(ticket, person, server) {
      const parts = partsOf(ticket);
      if (parts === undefined) return false;
      const [given, own] = [Buffer.from(parts.signature), Buffer.from(sign(person, server, parts.untilMs))];
      return given.length === own.length && timingSafeEqual(given, own);
    },
  };
}

const form = /^([0-9a-z]{1,11})\.([\w-]{43})$/;

function partsOf(ticket: string): { untilMs: number; signature: string } | undefined {
  const [, until, signature] = form.exec(ticket) ?? [];
  return until === undefined || signature === undefined ? undefined : { untilMs: parseInt(until, 36), signature };
}
