// Mail over SMTP: plain text, so that nothing in it is interpreted.
import { createTransport } from 'nodemailer';
import { isLoopback } from '../../base/loopback.ts';
import { oneLine } from '../../base/one-line.ts';
import type { MailSettings } from '../settings.ts';
import type { Channel, Outgoing } from './channel.ts';
import { NotTaken } from './channel.ts';

const longestMs = 15_000;

/** @param password read anew for each message, so that a change is seen without a restart */
export function createMail(settings: MailSettings, password: (() => Promise<string>) | undefined): Channel {
  const { server, from } = settings;
  return {
    async send(message) {
      const to = recipients(settings, message.to);
      if (to.size === 0) throw new NotTaken('nobody it is for has an address', false);
      const auth = server.user !== undefined && password !== undefined;
      const transport = createTransport({
        host: server.host,
        port: server.port,
        secure: server.port === 465,
        // Beyond this machine nothing goes out in the clear (RFC 8314).
        requireTLS: !isLoopback(server.host),
        ...(auth && { auth: { user: server.user, pass: await password() } }),
        connectionTimeout: longestMs,
        greetingTimeout: longestMs,
        socketTimeout: longestMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail({
          from,
          to: [...to],
          subject: oneLine(`[Genkan] ${message.title}`),
          text: [...message.lines, ...(message.url === undefined ? [] : ['', `${message.open}: ${message.url}`])].join(
            '\n',
          ),
          messageId: `<${message.id}@genkan>`,
          headers: { 'auto-submitted': 'auto-generated' }, // RFC 3834 §5: no automatic answers
        });
      } catch (error) {
        const { responseCode = 0, code = 'unknown' } = error as { responseCode?: number; code?: string };
        throw new NotTaken(
          `the mail server did not take it: ${code} ${responseCode}`,
          (responseCode < 500 || code === 'EAUTH') && { inMs: 0 },
        );
      } finally {
        transport.close();
      }
    },
  };
}

function recipients({ to, people, addresses }: MailSettings, for_: Outgoing['to']): ReadonlySet<string> {
  const named = for_.flatMap(({ kind, id, name }) => {
    if (Object.hasOwn(addresses, id)) return addresses[id]!;
    return people && kind === 'user' && name !== undefined && isAddress(name) ? [name] : [];
  });
  return new Set([...to, ...named]);
}

/** One address and nothing besides: a sign-in name must not become two, or a header. */
const isAddress = (name: string): boolean => /^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,189}$/.test(name);
