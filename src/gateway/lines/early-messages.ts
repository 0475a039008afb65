// What a server says before there is anybody to hear it: kept for a moment, so much and no more.
import type { Message } from '../../protocol/message.ts';

const maxMessages = 1024;
const maxBytes = 1_048_576;

export interface EarlyMessages {
  /** What is too much is lost, the latest first: a server that begins with a flood must not fill our memory. */
  keep(message: Message): void;
  /** What was kept, in order. Nothing of it is kept any longer. */
  release(): readonly Message[];
}

export function createEarlyMessages(): EarlyMessages {
  let kept: Message[] = [];
  let bytes = 0;
  return {
    keep(message) {
      bytes += message.raw.length;
      if (kept.length < maxMessages && bytes <= maxBytes) kept.push(message);
    },
    release() {
      const released = kept;
      kept = [];
      bytes = 0;
      return released;
    },
  };
}
