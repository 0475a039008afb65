// What a syslog receiver needs to be told, besides what holds for every sink.
import { z } from 'zod';
import { isLoopback } from '../../base/loopback.ts';
import { secretReference } from '../../base/secret.ts';
import { exampleEnterprise, facilities } from './formats/syslog.ts';
import type { Facility } from './formats/syslog.ts';

const facilityNames = Object.keys(facilities) as Facility[];
const file = z.string().min(1).max(1024);

export const syslogShape = {
  type: z.literal('syslog').describe('Messages of syslog (RFC 5424) over TLS (RFC 5425).'),
  host: z.string().min(1).max(253).describe('Host name or address of the receiver.'),
  port: z.int().min(1).max(65_535).default(6514).describe('Port of the receiver.'),
  transport: z
    .enum(['tls', 'tcp'])
    .default('tls')
    .describe('How: tls, or tcp without any protection to a receiver on this machine.'),
  tls: z
    .strictObject({
      ca: file
        .optional()
        .describe('File of the certificates (PEM) that vouch for the receiver; those of the system by default.'),
      serverName: z
        .string()
        .min(1)
        .max(253)
        .optional()
        .describe('Name that the certificate of the receiver has to bear, where it is not the host.'),
      certificate: file.optional().describe('File of our own certificate (PEM), where the receiver asks for one.'),
      key: secretReference.optional().describe('Private key of it (PEM).'),
    })
    .refine(
      ({ certificate, key }) => (certificate === undefined) === (key === undefined),
      'give both certificate and key',
    )
    .prefault({})
    .describe('Who vouches for whom.'),
  format: z
    .enum(['cef', 'ocsf', 'asim', 'genkan'])
    .default('cef')
    .describe('What the messages say: CEF, or JSON as OCSF, ASIM or the columns of MCPAuditLog.'),
  facility: z.enum(facilityNames).default('audit').describe('Facility, by which receivers sort.'),
  enterprise: z
    .int()
    .min(1)
    .max(4_294_967_295)
    .default(exampleEnterprise)
    .describe('Enterprise number behind genkan@ in the structured data; 32473 is the one for examples (RFC 5612).'),
  confirm: z
    .enum(['close', 'quiet'])
    .default('close')
    .describe(
      'When records count as delivered, since syslog acknowledges nothing: close when the receiver has read all to the end and closed the connection, one for each batch; quiet, on one that stays, when all has left and the receiver has not closed for a while.',
    ),
  quietMs: z.int().min(50).max(10_000).default(1000).describe('How long that while is.'),
};

/** Unprotected, it does not leave the machine. */
export const isProtected = ({ transport, host }: { readonly transport: string; readonly host: string }): boolean =>
  transport === 'tls' || isLoopback(host);

const syslog = z.strictObject(syslogShape);
export type SyslogSettings = z.output<typeof syslog>;
