// Azure AI Content Safety as a judge: Prompt Shields, and harm categories where they are wanted.
import { z } from 'zod';
import { retryAfterMs } from '../../../base/retry-after.ts';
import type { Clock } from '../../../base/clock.ts';
import { NoVerdict } from './judge.ts';
import type { Judge, Said, Verdict } from './judge.ts';
import type { ContentSafetySettings } from './settings.ts';

/** Leaves a service alone that fails again and again. */
export interface Pauses {
  mayTry(): boolean;
  succeeded(): void;
  failed(): void;
}

/** Leaves a service alone for as long as it asks. */
export interface Throttling {
  leftMs(): number;
  refused(askedMs: number | undefined): void;
  answered(): void;
}

export interface ContentSafetyNeighbours {
  readonly fetch: typeof fetch;
  /** Headers by which the service knows who asks. */
  readonly authorize: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
  readonly pauses: Pauses;
  readonly throttling: Throttling;
  readonly clock: Clock;
}

// learn.microsoft.com/azure/ai-services/content-safety/overview#input-requirements: 10K characters in a prompt, in all documents
// of a request, and in a text to analyse. UTF-16 units are never fewer than what the service counts.
const maxCharacters = 10_000;
const apiVersion = '2024-09-01';
const maxAnswerBytes = 65_536;

const attack = z.object({ attackDetected: z.boolean() });
const shielded = z.object({
  userPromptAnalysis: attack.nullish(),
  documentsAnalysis: z.array(attack).max(5).nullish(),
});
const analysed = z.object({
  categoriesAnalysis: z.array(z.object({ category: z.string().max(64), severity: z.int().min(0).max(7) })).max(16),
});

export function createContentSafety(
  { kind, name = kind, endpoint, harm }: ContentSafetySettings,
  { fetch, authorize, pauses, throttling, clock }: ContentSafetyNeighbours,
): Judge {
  const origin = new URL(endpoint).origin;

  async function post(operation: string, body: object, signal: AbortSignal): Promise<unknown> {
    if (throttling.leftMs() > 0) throw new NoVerdict('throttled');
    if (!pauses.mayTry()) throw new NoVerdict('paused');
    try {
      const answer = await ask(operation, body, signal);
      pauses.succeeded();
      return answer;
    } catch (error) {
      const fault = error instanceof NoVerdict ? error : new NoVerdict(signal.aborted ? 'timeout' : 'unreachable');
      // A service that asks for a rest, or will not have this one text, is well: no text is to silence a judge for others.
      if (fault.reason === 'throttled' || fault.reason === 'declined') pauses.succeeded();
      else pauses.failed();
      throw fault;
    }
  }

  async function ask(operation: string, body: object, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(`${origin}/contentsafety/${operation}?api-version=${apiVersion}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await authorize(signal)) },
      body: JSON.stringify(body),
      redirect: 'manual', // neither text nor key go where an answer points
      signal,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 429) {
        throttling.refused(retryAfterMs(response.headers.get('retry-after'), clock.now()));
        throw new NoVerdict('throttled');
      }
      if (response.status === 400 || response.status === 413) throw new NoVerdict('declined');
      throw new NoVerdict(response.status > 400 && response.status < 500 ? 'refused' : 'failed');
    }
    throttling.answered();
    const bytes = await bounded(response);
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      throw new NoVerdict('malformed');
    }
  }

  async function shield(text: string, said: Said, signal: AbortSignal): Promise<boolean> {
    const isPrompt = said === 'prompt';
    const asked = { userPrompt: isPrompt ? text : '', documents: isPrompt ? [] : [text] };
    const answer = shielded.safeParse(await post('text:shieldPrompt', asked, signal));
    const analysis = isPrompt ? answer.data?.userPromptAnalysis : answer.data?.documentsAnalysis?.[0];
    if (!answer.success || !analysis || (!isPrompt && answer.data.documentsAnalysis?.length !== 1))
      throw new NoVerdict('malformed');
    return analysis.attackDetected;
  }

  /** @returns the kinds of harm that are severe enough */
  async function analyse(text: string, signal: AbortSignal): Promise<readonly string[]> {
    if (harm === undefined) return [];
    const { categories, severity: least } = harm;
    const answer = analysed.safeParse(
      await post('text:analyze', { text, categories, outputType: 'FourSeverityLevels' }, signal),
    );
    if (!answer.success) throw new NoVerdict('malformed');
    const severityOf = (category: string): number | undefined =>
      answer.data.categoriesAnalysis.find((each) => each.category === category)?.severity;
    // What was asked for and is not answered is no "none".
    if (categories.some((category) => severityOf(category) === undefined)) throw new NoVerdict('malformed');
    return categories.filter((category) => severityOf(category)! >= least).map((category) => category.toLowerCase());
  }

  return {
    name,
    maxCharacters,
    async judge(text, said, signal): Promise<Verdict> {
      const [shielding, harming] = await Promise.allSettled([shield(text, said, signal), analyse(text, signal)]);
      // What one of the two has seen counts, whatever became of the other.
      if (shielding.status === 'fulfilled' && shielding.value) return { score: 1, isAttack: true };
      if (harming.status === 'fulfilled' && harming.value.length > 0)
        return { score: 1, isAttack: true, categories: harming.value };
      for (const { reason } of [shielding, harming].filter((each) => each.status === 'rejected')) throw reason;
      return { score: 0, isAttack: false };
    },
  };
}

async function bounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new NoVerdict('malformed'); // leaving the loop ends the answer
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
