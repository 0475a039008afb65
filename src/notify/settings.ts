// The `notify` part of genkan.yaml: where people hear of approvals, alarms and reviews.
import { z } from 'zod';
import { isLoopback } from '../base/loopback.ts';
import { secretReference } from '../base/secret.ts';
import { languages } from '../base/text.ts';

export const noticeKinds = [
  'approval.requested',
  'approval.decided',
  'elevation.waiting',
  'elevation.started',
  'elevation.ended',
  'break-glass',
  'review.upcoming',
  'review.reminder',
  'review.completed',
  'pin.changed',
  'record.unavailable',
  'record.witness',
  'export.behind',
  'export.set-aside',
] as const;

const address = z.email().max(254);

const common = {
  kinds: z
    .array(z.enum(noticeKinds))
    .min(1)
    .optional()
    .describe('Only notices of these kinds; all of them by default.'),
  least: z.enum(['info', 'warning', 'critical']).default('info').describe('Least severity that goes to this channel.'),
  language: z.enum(languages).default('en').describe('Language of the texts.'),
};

const mail = z
  .strictObject({
    ...common,
    type: z.literal('mail').describe('Mail over SMTP.'),
    server: z
      .strictObject({
        host: z.string().min(1).max(253).describe('Host name of the mail server.'),
        port: z.int().min(1).max(65_535).default(587).describe('Port: 587 with STARTTLS, 465 with TLS from the start.'),
        user: z.string().min(1).max(256).optional().describe('Name to sign in with.'),
        password: secretReference.optional(),
      })
      .describe('The mail server. Beyond this machine it has to offer TLS with a certificate that holds.'),
    from: address.describe('Address of the sender.'),
    to: z.array(address).max(50).default([]).describe('Addresses that get every notice of this channel.'),
    people: z
      .boolean()
      .default(true)
      .describe('Whether people whom a notice is for get it too, at their sign-in name where that is an address.'),
    addresses: z
      .record(z.string().min(1).max(256), z.array(address).min(1).max(50))
      .default({})
      .describe(
        'Addresses of groups, and of people whose sign-in name is none: by name of the group, or principal id.',
      ),
  })
  .describe('Mail.');

const teams = z
  .strictObject({
    ...common,
    type: z.literal('teams').describe('A channel of Microsoft Teams.'),
    webhook: secretReference.describe(
      'The address of a Teams workflow ("when a webhook request is received"). Whoever has it can post there.',
    ),
  })
  .describe('Microsoft Teams.');

const slack = z
  .strictObject({
    ...common,
    type: z.literal('slack').describe('A channel of Slack.'),
    webhook: secretReference.describe('The address of an incoming webhook. Whoever has it can post there.'),
  })
  .describe('Slack.');

const webhook = z
  .strictObject({
    ...common,
    type: z.literal('webhook').describe('JSON by POST to an address of yours, signed as Standard Webhooks describes.'),
    url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => isSafe(url), 'write an https: address; http: is for this machine alone')
      .describe('Where to post to.'),
    secret: secretReference.describe('Key of the signature: whsec_ and base64, or any text of at least 24 characters.'),
  })
  .describe('A webhook.');

/** Whether what is sent there cannot be read on the way. */
export function isSafe(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
}

export const notifySettings = z
  .strictObject({
    channels: z
      .record(
        z.string().regex(/^[a-z0-9](-?[a-z0-9]){0,39}$/, 'use small letters, digits and single hyphens'),
        z.discriminatedUnion('type', [mail, teams, slack, webhook]),
      )
      .default({})
      .describe('Where notices go, by a name of your choice.'),
  })
  .describe('Where people hear of what waits for them: approvals, alarms, reviews.');

export type NotifySettings = z.output<typeof notifySettings>;
export type ChannelSettings = NotifySettings['channels'][string];
export type MailSettings = z.output<typeof mail>;
