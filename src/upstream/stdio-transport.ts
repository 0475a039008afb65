// Reaches a server by starting it: one child process for each conversation.
import { GenkanError } from '../base/errors.ts';
import { createBreaker } from './breaker.ts';
import { ChildOutput } from './child-output.ts';
import { childEnvironment } from './environment.ts';
import { connectFailures, answerLimits, graceMs } from './limits.ts';
import { ProcessTree } from './process-tree.ts';
import type { StdioServerSettings } from './settings.ts';
import { StdioChannel } from './stdio-channel.ts';
import type { Transport, UpstreamNeighbours } from './transport.ts';

interface Material {
  readonly environment: Readonly<Record<string, string>>;
  /** What the child must not make us log. */
  readonly secrets: readonly string[];
}

export function stdioTransport(
  server: string,
  settings: StdioServerSettings,
  { secret, environment, clock, log }: UpstreamNeighbours,
): Transport<Material> {
  const children = new Set<ProcessTree>();
  const breaker = createBreaker(clock, connectFailures);
  const unavailable = (detail: string): GenkanError => new GenkanError('upstream_unavailable', { server }, { detail });

  async function prepare(): Promise<Material> {
    if (!breaker.mayTry()) throw unavailable('it could not be started a moment ago');
    const secrets: string[] = [];
    const own: Record<string, string> = {};
    for (const [name, value] of Object.entries(settings.env)) {
      if (typeof value === 'string') own[name] = value;
      else secrets.push((own[name] = await secret(value)));
    }
    return { environment: childEnvironment(environment, own), secrets };
  }

  return {
    eraFor: () => Promise.resolve('legacy'),
    prepare,
    open(material, era, events) {
      if (era === 'modern') throw unavailable('over stdio only revisions up to 2025-11-25 are spoken');
      const child = new ProcessTree({
        command: settings.command,
        environment: material.environment,
        workingDirectory: settings.workingDirectory,
        graceMs,
      });
      children.add(child);
      void child.ended.then(() => children.delete(child));
      return new StdioChannel({
        server,
        child,
        output: new ChildOutput(log.child({ server }), material.secrets),
        limits: answerLimits(settings),
        timeoutMs: settings.timeoutSeconds * 1000,
        startMs: settings.startSeconds * 1000,
        breaker,
        maxCalls: settings.maxCalls,
        ...events,
      });
    },
    async close() {
      await Promise.all([...children].map((child) => child.stop()));
    },
  };
}
