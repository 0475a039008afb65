// The judges connected: their keys or identities, their connections, and what is counted of them.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import { createContentSafety } from '../inspect/shield/judges/content-safety.ts';
import type { ContentSafetyNeighbours } from '../inspect/shield/judges/content-safety.ts';
import { NoVerdict } from '../inspect/shield/judges/judge.ts';
import type { Judge } from '../inspect/shield/judges/judge.ts';
import { createPanel } from '../inspect/shield/judges/panel.ts';
import { createOnnx } from '../inspect/shield/judges/onnx.ts';
import type { OnnxJudge } from '../inspect/shield/judges/onnx.ts';
import type { Panel } from '../inspect/shield/judges/panel.ts';
import type { ContentSafetySettings, JudgeSettings } from '../inspect/shield/judges/settings.ts';
import type { Metrics } from '../record/metrics.ts';
import { openCredential } from '../state/key-vault.ts';
import { createBreaker } from '../upstream/breaker.ts';
import { createCooldown } from '../upstream/cooldown.ts';

export interface JudgesGround {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly secret: ResolveSecret;
  readonly configFolder: string;
}

export interface OpenJudges {
  /** Undefined where nobody is to be asked. */
  readonly panel: Panel | undefined;
  close(): Promise<void>;
}

/** @throws GenkanError `inspect_judge_unavailable` */
export function openJudges(settings: readonly JudgeSettings[], ground: JudgesGround): OpenJudges {
  const { metrics, clock, log } = ground;
  const questions = metrics.counter(
    'genkan_judge_questions_total',
    'Questions to judges of the prompt shield, by what they said or why they said nothing.',
    ['judge', 'said'],
  );
  const seconds = metrics.histogram(
    'genkan_judge_duration_seconds',
    'Time that judges of the prompt shield take.',
    [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    ['judge'],
  );
  if (settings.length === 0) return { panel: undefined, close: async () => undefined };
  const members = settings.map((each) => ({ ...each, judge: open(each, ground) }));
  const panel = createPanel(members, {
    clock,
    log,
    count: (judge, said) => questions.with(judge, said).add(),
    took: (judge, taken) => seconds.with(judge).observe(taken),
  });
  return { panel, close: async () => void (await Promise.all(members.map(({ judge }) => judge.close?.()))) };
}

const open = (settings: JudgeSettings, ground: JudgesGround): Judge & Partial<Pick<OnnxJudge, 'close'>> =>
  settings.kind === 'onnx'
    ? createOnnx(settings, { ...ground, folder: ground.configFolder })
    : createContentSafety(settings, {
        fetch,
        authorize: authorizeAs(settings, ground),
        pauses: createBreaker(ground.clock, { failures: 5, pauseMs: 30_000 }),
        throttling: createCooldown(ground.clock),
        clock: ground.clock,
      });

function authorizeAs(
  { endpoint, key, credential }: ContentSafetySettings,
  { secret, configFolder }: JudgesGround,
): ContentSafetyNeighbours['authorize'] {
  if (key !== undefined) return async () => ({ 'ocp-apim-subscription-key': await secret(key).catch(withoutKey) });
  const { scope, authority } = cloudOf(endpoint);
  let identity: ReturnType<typeof openCredential> | undefined;
  return async (abortSignal) => {
    const opening = (identity ??= openCredential(credential, configFolder, authority));
    try {
      const token = await (await opening).getToken(scope, { abortSignal });
      if (token !== null) return { authorization: `Bearer ${token.token}` };
    } catch (error) {
      if (identity === opening) identity = undefined; // such as a token file that is yet to be mounted
      throw new NoVerdict(abortSignal.aborted ? 'timeout' : 'unauthorized', error);
    }
    throw new NoVerdict('unauthorized');
  };
}

/** learn.microsoft.com/azure/ai-services/authentication: each national cloud has its own resource and its own authority. */
function cloudOf(endpoint: string): { readonly scope: string; readonly authority?: string } {
  const { hostname } = new URL(endpoint);
  if (hostname.endsWith('.azure.us'))
    return {
      scope: 'https://cognitiveservices.azure.us/.default',
      authority: 'https://login.microsoftonline.us',
    };
  if (hostname.endsWith('.azure.cn'))
    return { scope: 'https://cognitiveservices.azure.cn/.default', authority: 'https://login.chinacloudapi.cn' };
  return { scope: 'https://cognitiveservices.azure.com/.default' };
}

function withoutKey(error: unknown): never {
  throw new NoVerdict('unauthorized', error);
}
