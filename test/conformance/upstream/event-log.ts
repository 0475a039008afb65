// Events of one session, kept so that a client that comes back is told what it missed (MCP 2025-11-25, "Resumability").
import type { EventStore } from '@modelcontextprotocol/server';

export function createEventLog(): EventStore {
  const events: { streamId: string; message: Parameters<EventStore['storeEvent']>[1] }[] = [];
  return {
    async storeEvent(streamId, message) {
      return String(events.push({ streamId, message }) - 1);
    },
    async getStreamIdForEventId(eventId) {
      return events[Number(eventId)]?.streamId;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const last = Number(lastEventId);
      const streamId = events[last]?.streamId ?? '';
      for (const [index, event] of events.entries()) {
        if (index > last && event.streamId === streamId && Object.keys(event.message).length > 0)
          await send(String(index), event.message);
      }
      return streamId;
    },
  };
}
