// Mail over SMTP: plain text, so that nothing in it is interpreted.
import { isLoopback } from '../../base/loopback.ts';
import { oneLine } from '../../base/one-line.ts';
import type { MailSettings } from '../settings.ts';
import type { Channel, Outgoing } from './channel.ts';
import { NotTaken } from './channel.ts';

const longestMs = 15_000;
/** Messages of which some have been taken and others not: who has had one gets it no second time. */
const maxHalfTaken = 1000;

/** @param password read anew for each message, so that a change is seen without a restart */
export function createMail(settings: MailSettings, password: (() => Promise<string>) | undefined): Channel {
  const { server, from } = settings;
  const halfTaken = new Map<string, Set<string>>();
  return {
    async send(message, signal) {
      const to = recipients(settings, message.to);
      if (to.size === 0) throw new NotTaken('nobody it is for has an address', false);
      const auth = server.user !== undefined && password !== undefined;
      const { createTransport } = await import('nodemailer'); // only where mail is sent
      const transport = createTransport({
        host: server.host,
        port: server.port,
        secure: server.port === 465,
        // Beyond this machine nothing goes out in the clear (RFC 8314).
        requireTLS: !isLoopback(server.host),
        ...(auth && { auth: { user: server.user, pass: await password() } }),
        pool: true,
        maxConnections: 1,
        maxRequeues: 0,
        connectionTimeout: longestMs,
        greetingTimeout: longestMs,
        socketTimeout: longestMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const had = halfTaken.get(message.id) ?? new Set<string>();
      const failures: NotTaken[] = [];
      try {
        // One for each, so that nobody learns who else is asked.
        for (const address of [...to].filter((one) => !had.has(one))) {
          const failure = await transport.sendMail({ ...mailOf(from, message), to: address, signal }).then(
            () => void had.add(address),
            (error: unknown) => error as { responseCode?: number; code?: string },
          );
          if (failure === undefined) continue;
          failures.push(notTaken(failure));
          if (failure.code !== 'EENVELOPE' && failure.code !== 'EMESSAGE') break; // it is not about the address
        }
      } finally {
        transport.close();
      }
      halfTaken.delete(message.id);
      const failure = failures.find(({ again }) => again !== false) ?? failures[0];
      if (failure === undefined) return;
      if (failure.again !== false && had.size > 0) remember(message.id, had);
      throw failure;
    },
  };

  function remember(id: string, had: Set<string>): void {
    const [oldest] = halfTaken.keys();
    if (halfTaken.size >= maxHalfTaken) halfTaken.delete(oldest!);
    halfTaken.set(id, had);
  }
}

const mailOf = (from: string, { id, title, lines, url, open }: Outgoing) => ({
  from,
  subject: oneLine(`[Genkan] ${title}`),
  text: [...lines, ...(url === undefined ? [] : ['', `${open}: ${url}`])].join('\n'),
  messageId: `<${id}@genkan>`,
  headers: { 'auto-submitted': 'auto-generated' }, // RFC 3834 §5: no automatic answers
});

const notTaken = ({ responseCode = 0, code = 'unknown' }: { responseCode?: number; code?: string }): NotTaken =>
  new NotTaken(
    `the mail server did not take it: ${code} ${responseCode}`,
    (responseCode < 500 || code === 'EAUTH') && { inMs: 0 },
  );

function recipients({ to, people, addresses }: MailSettings, for_: Outgoing['to']): ReadonlySet<string> {
  const named = for_.flatMap(({ kind, id, name }) => {
    if (Object.hasOwn(addresses, id)) return addresses[id]!;
    return people && kind === 'user' && name !== undefined && isAddress(name) ? [name] : [];
  });
  return new Set([...to, ...named]);
}

/** One address and nothing besides: a sign-in name must not become two, or a header. */
const isAddress = (name: string): boolean => /^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,189}$/.test(name);
