// The resources that a legacy session has subscribed to: of no others does its client hear that they have changed.
import { GenkanError } from '../../base/errors.ts';
import { notification } from '../../protocol/message.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { isWithin, resourceUpdated } from '../../protocol/subscriptions.ts';

const maxSubscribed = 1000;

export interface Subscribed {
  /**
   * Takes note of what a request subscribes to, or gives up. What is asked for counts at once: the first news may come with
   * the answer.
   * @throws GenkanError `gateway_watched_full`
   */
  note(message: RequestMessage, server: string, answer: () => Promise<ResponseMessage>): Promise<ResponseMessage>;
  /** The server that tells of the resource. */
  serverOf(uri: string): string | undefined;
  of(server: string): string[];
  /** What a server says has changed, as the client may hear it; undefined when that is nothing to it. */
  heard(server: string, message: NotificationMessage): NotificationMessage | undefined;
}

/** @param mayRead asked whenever a change is told */
export function createSubscribed(mayRead: (server: string, uri: string) => boolean): Subscribed {
  const servers = new Map<string, string>();

  return {
    async note({ method, params }, server, answer) {
      const uri = params['uri'] as string;
      const before = servers.get(uri);
      if (method === 'resources/subscribe') {
        if (before === undefined && servers.size >= maxSubscribed)
          throw new GenkanError('gateway_watched_full', { limit: maxSubscribed });
        servers.set(uri, server);
      } else if (method !== 'resources/unsubscribe') return answer();
      let granted = false;
      try {
        const response = await answer();
        granted = response.error === undefined;
        return response;
      } finally {
        if (method === 'resources/unsubscribe') granted && servers.delete(uri);
        else if (!granted && before === undefined) servers.delete(uri);
      }
    },
    serverOf: (uri) => servers.get(uri),
    of: (server) => [...servers].flatMap(([uri, owner]) => (owner === server ? uri : [])),
    heard(server, message) {
      const { uri } = message.params;
      if (typeof uri !== 'string') return undefined;
      for (const [watched, owner] of servers) {
        if (owner !== server || !isWithin(uri, watched)) continue;
        if (mayRead(server, uri)) return message;
        if (mayRead(server, watched)) return notification(resourceUpdated, { uri: watched }); // what lies below stays unnamed
      }
      return undefined;
    },
  };
}
