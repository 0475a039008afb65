// Tells people what waits for them: each notice is made durable at once, and delivered again and again until it is or has become old.
import type { Clock } from '../base/clock.ts';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Notice, Notifier } from '../base/notice.ts';
import { oneLine } from '../base/one-line.ts';
import type { ResolveSecret } from '../base/secret.ts';
import { t } from '../base/text.ts';
import type { Language } from '../base/text.ts';
import type { Database } from '../state/database.ts';
import { NotTaken } from './channels/channel.ts';
import type { Channel, Outgoing } from './channels/channel.ts';
import { createMail } from './channels/mail.ts';
import { createSlack } from './channels/slack.ts';
import { createTeams } from './channels/teams.ts';
import { createWebhook } from './channels/webhook.ts';
import { createCourier, oldMs, reasonOf } from './courier.ts';
import { openText, testTexts } from './texts.ts';
import { createOutbox } from './outbox.ts';
import type { Delivery } from './outbox.ts';
import { isSafe } from './settings.ts';
import type { ChannelSettings, NotifySettings } from './settings.ts';

export interface Notify extends Notifier {
  channels(): readonly {
    readonly name: string;
    readonly type: ChannelSettings['type'];
    readonly kinds: readonly string[];
  }[];
  /** Newest first. */
  list(query: { readonly state?: Delivery['state']; readonly limit: number }): Promise<Delivery[]>;
  /** Tells of a trouble in which nothing can be made durable: what cannot wait in the database is sent at once, or not at all. */
  alarm(notice: Notice): Promise<void>;
  /** Sends a notice of no importance at once. @returns refusal `notify_channel_unknown`, `notify_not_delivered` */
  test(channel: string): Promise<Refusal | undefined>;
  /** Begins to deliver, what an earlier process has left among it. */
  attend(): void;
  close(): Promise<void>;
}

interface NotifyNeighbours {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly secret: ResolveSecret;
  readonly fetch: typeof globalThis.fetch;
}

const keptMs = 30 * oldMs;
const severities = ['info', 'warning', 'critical'] as const;
const longestLine = 2000;

export function createNotify(settings: NotifySettings, neighbours: NotifyNeighbours): Notify {
  const { database, clock, log } = neighbours;
  const outbox = createOutbox(database, clock);
  const couriers = new Map(
    Object.entries(settings.channels).map(([name, channel]) => [
      name,
      createCourier(name, openChannel(channel, neighbours), { outbox, clock, log }),
    ]),
  );
  let attending = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  function sweep(): void {
    const nowMs = clock.now();
    sweeping = outbox
      .sweep([...couriers.keys()], nowMs - keptMs, nowMs - oldMs)
      .catch((error: unknown) => log.error({ err: error }, 'old notices cannot be removed'));
  }

  function lettersOf(notice: Notice): { channel: string; content: Omit<Outgoing, 'id'> }[] {
    const texts = new Map<Language, Omit<Outgoing, 'id'>>();
    return Object.entries(settings.channels)
      .filter(([, channel]) => takes(channel, notice))
      .map(([channel, { language }]) => {
        if (!texts.has(language)) texts.set(language, contentOf(notice, language, clock.now()));
        return { channel, content: texts.get(language)! };
      });
  }

  async function notify(notice: Notice): Promise<void> {
    const letters = lettersOf(notice);
    await outbox.add(notice.id, letters);
    if (attending) for (const { channel } of letters) couriers.get(channel)!.wake();
  }

  return {
    notify,
    alarm: (notice) =>
      notify(notice).catch(async () => {
        const sent = lettersOf(notice).map(({ channel, content }) =>
          couriers.get(channel)!.send({ ...content, id: correlationId() }),
        );
        for (const one of await Promise.allSettled(sent))
          if (one.status === 'rejected') log.error({ reason: reasonOf(one.reason) }, 'an alarm was not taken');
      }),
    channels: () =>
      Object.entries(settings.channels).map(([name, { type, kinds = [] }]) => ({ name, type, kinds: [...kinds] })),
    list: (query) => outbox.list(query),
    async test(name) {
      const channel = settings.channels[name];
      if (channel === undefined || !Object.hasOwn(settings.channels, name))
        return refuse('notify_channel_unknown', { channel: name });
      const { language } = channel;
      const content: Omit<Outgoing, 'id'> = {
        kind: 'test',
        severity: 'info',
        title: t(testTexts.title, language),
        lines: [t(testTexts.line, language)],
        open: t(openText, language),
        to: [],
        atMs: clock.now(),
      };
      try {
        await couriers.get(name)!.send({ ...content, id: correlationId() });
        return undefined;
      } catch (error) {
        return refuse('notify_not_delivered', { channel: name, reason: reasonOf(error) });
      }
    },
    attend() {
      attending = true;
      for (const courier of couriers.values()) courier.wake();
      sweep();
      timer = setInterval(sweep, oldMs).unref();
    },
    async close() {
      attending = false;
      clearInterval(timer);
      await Promise.all([...couriers.values()].map((courier) => courier.close()));
      await sweeping;
    },
  };
}

const takes = ({ kinds, least }: ChannelSettings, { kind, severity }: Notice): boolean =>
  (kinds === undefined || kinds.includes(kind)) && severities.indexOf(severity) >= severities.indexOf(least);

function contentOf(
  { kind, severity, to = [], url, text }: Notice,
  language: Language,
  atMs: number,
): Omit<Outgoing, 'id'> {
  const { title, lines } = text(language);
  return {
    kind,
    severity,
    title: oneLine(title),
    lines: lines.slice(0, 30).map((line) => line.slice(0, longestLine).toWellFormed()),
    ...(url !== undefined && { url }),
    open: t(openText, language),
    to: to.map(({ kind, id, name }) => ({ kind, id, ...(name !== undefined && { name }) })),
    atMs,
  };
}

function openChannel(settings: ChannelSettings, { secret, fetch, clock }: NotifyNeighbours): Channel {
  if (settings.type === 'mail') {
    const { password } = settings.server;
    return createMail(settings, password && (() => secret(password)));
  }
  if (settings.type === 'webhook') return createWebhook(settings.url, () => secret(settings.secret), fetch, clock);
  const url = async (): Promise<string> => {
    const given = (await secret(settings.webhook)).trim();
    if (!isSafe(given)) throw new NotTaken('its address is no https: address', { inMs: 0 });
    return given;
  };
  return settings.type === 'teams' ? createTeams(url, fetch) : createSlack(url, fetch);
}
