// An examination with the shield made by hand and a judge that is asked over real HTTP.
import { createBreaker } from '../../src/upstream/breaker.ts';
import { createCooldown } from '../../src/upstream/cooldown.ts';
import { createLog } from '../../src/base/log.ts';
import { createExamination } from '../../src/inspect/examination/examination.ts';
import type { Examination, Examined, Saying } from '../../src/inspect/examination/examination.ts';
import type { Hidden } from '../../src/inspect/examination/noted.ts';
import { run } from '../../src/inspect/examination/looking.ts';
import { inspectSettings } from '../../src/inspect/settings.ts';
import { createContentSafety } from '../../src/inspect/shield/judges/content-safety.ts';
import { createPanel } from '../../src/inspect/shield/judges/panel.ts';
import { result } from '../../src/protocol/message.ts';
import type { Message, ResponseMessage } from '../../src/protocol/message.ts';
import type { ContentSafetyStandIn } from './content-safety.ts';
import { plainShield } from './plain-shield.ts';

export interface JudgedRoom {
  readonly examination: Examination;
  /** `said` of every question that was counted. */
  readonly counted: string[];
  said<Kind extends Message>(message: Kind, more?: Partial<Saying>): Promise<Examined<Kind>>;
  pass(seconds: number): void;
}

/** @param judge settings that differ from the least @param shield of the rest of the shield */
export function judgedRoom(
  service: Pick<ContentSafetyStandIn, 'url' | 'key'>,
  judge: object = {},
  shield: object = {},
  hide: (text: string) => readonly Hidden[] = () => [],
): JudgedRoom {
  let passedMs = 0;
  const clock = { now: () => Date.now() + passedMs };
  const key = { source: 'env', name: 'CONTENT_SAFETY_KEY' };
  const written = { kind: 'azure-content-safety', endpoint: service.url, key, ...judge };
  const settings = inspectSettings.parse({ shield: { judges: [written], ...shield } });
  const counted: string[] = [];
  const members = settings.shield.judges.map((each) => {
    if (each.kind !== 'azure-content-safety') throw new Error('not here');
    const asked = createContentSafety(each, {
      fetch,
      authorize: async () => ({ 'ocp-apim-subscription-key': service.key }),
      pauses: createBreaker(clock, { failures: 3, pauseMs: 30_000 }),
      throttling: createCooldown(clock, () => 0),
      clock,
    });
    return { ...each, judge: asked };
  });
  const panel = createPanel(members, {
    clock,
    log: createLog('silent'),
    count: (_, said) => void counted.push(said),
    took: () => undefined,
  });
  const examination = createExamination(settings, {
    shield: plainShield,
    panel,
    hide: () => hide,
    keepsTo: () => true,
    isApproved: () => true,
    count: () => undefined,
  });
  return {
    examination,
    counted,
    pass: (seconds) => void (passedMs += seconds * 1000),
    said: async (message, more = {}) =>
      run(
        examination.said({ server: 'mail', groups: [], method: 'tools/call', language: 'en', ...more, message }),
      ) as Promise<Examined<typeof message>>,
  };
}

export const texts = (...parts: string[]): ResponseMessage =>
  result(1, { content: parts.map((text) => ({ type: 'text', text })) });
