// Reaches a server by starting it: one child process for each conversation.
import { GenkanError } from '../base/errors.ts';
import type { Era } from '../protocol/message.ts';
import { createBreaker } from './breaker.ts';
import { CallerChannel } from './caller-identity/caller-channel.ts';
import type { ChildIdentity } from './caller-identity/child-identity.ts';
import { ChildOutput } from './child-output.ts';
import { childEnvironment } from './environment.ts';
import { EarlyEvents, KeptChildren } from './kept-children.ts';
import { connectFailures, answerLimits, graceMs } from './limits.ts';
import { ProcessTree } from './process-tree.ts';
import type { StdioServerSettings } from './settings.ts';
import { JointChild } from './joint-child.ts';
import { StdioChannel } from './stdio-channel.ts';
import type { StdioChannelOptions } from './stdio-channel.ts';
import { createStdioEras } from './stdio-eras.ts';
import type { Verdicts } from './stdio-eras.ts';
import type { ChannelEvents, Transport, UpstreamNeighbours } from './transport.ts';

interface Material {
  readonly environment: Readonly<Record<string, string>>;
  /** What the child must not make us log. */
  readonly secrets: readonly string[];
}

/** For a program that acts as its caller. */
interface Personal {
  /** Of the person for whom alone all of this is. */
  readonly identity: ChildIdentity;
  /** What is known of the program, which is the same for all. */
  readonly verdicts: Verdicts;
}

export function stdioTransport(
  server: string,
  settings: StdioServerSettings,
  { secret, environment, clock, log, startProcess = (options) => new ProcessTree(options) }: UpstreamNeighbours,
  { identity, verdicts }: Partial<Personal> = {},
): Transport<Material> {
  const children = new Set<ProcessTree>();
  const kept = new KeptChildren();
  const joint = new Map<string, JointChild>();
  const breaker = createBreaker(clock, connectFailures);
  const limits = answerLimits(settings);
  let closed = false;

  const unavailable = (detail: string): GenkanError => new GenkanError('upstream_unavailable', { server }, { detail });

  async function prepare(): Promise<Material> {
    await identity?.check();
    if (!breaker.mayTry()) throw unavailable('it could not be started a moment ago');
    const secrets: string[] = [];
    const own: Record<string, string> =
      identity === undefined ? {} : { AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential' };
    for (const [name, value] of Object.entries(settings.env)) {
      if (typeof value === 'string') own[name] = value;
      else secrets.push((own[name] = await secret(value)));
    }
    if (identity !== undefined) {
      // A proxy has no business with what the process shows to get its tokens.
      const direct = [own['NO_PROXY'] ?? own['no_proxy'], '127.0.0.1'].filter((each) => each !== undefined).join();
      own['NO_PROXY'] = own['no_proxy'] = direct;
      await identity.prepare();
    }
    return { environment: childEnvironment(environment, own), secrets };
  }

  function start(
    material: Material,
    era: Era,
    events: ChannelEvents,
    judge: StdioChannelOptions['breaker'],
  ): StdioChannel {
    if (closed) throw unavailable('it was closed');
    const pass = identity?.issue();
    const child = startProcess({
      server,
      command: settings.command,
      environment: { ...material.environment, ...pass?.environment },
      workingDirectory: settings.workingDirectory,
      graceMs,
    });
    children.add(child);
    void child.ended.then(() => {
      children.delete(child);
      pass?.end();
    });
    return new StdioChannel({
      server,
      era,
      child,
      output: new ChildOutput(log.child({ server }), [...material.secrets, ...(pass ? [pass.secret] : [])]),
      limits,
      timeoutMs: settings.timeoutSeconds * 1000,
      startMs: settings.startSeconds * 1000,
      breaker: judge,
      onOtherEra: () => eras.forget(),
      maxCalls: settings.maxCalls,
      ...events,
    });
  }

  function share(owner: string, open: (events: ChannelEvents) => StdioChannel): JointChild {
    const known = joint.get(owner);
    if (known !== undefined) return known;
    const child = new JointChild(open, () => {
      if (joint.get(owner) === child) joint.delete(owner);
    });
    joint.set(owner, child);
    return child;
  }

  const eras = createStdioEras({
    server,
    clock,
    verdicts,
    breaker,
    keep: (child) => kept.keep(child),
    async prepare() {
      const material = await prepare();
      return (era, opening) => {
        const events = new EarlyEvents(limits.maxBytes);
        return { channel: start(material, era, events, asked), events, opening };
      };
    },
  });

  return {
    // Every conversation is a process.
    heavy: new Set(['legacy', 'modern']),
    eraFor: (client, initialize) => eras.eraFor(client, initialize),
    prepare,
    open(material, era, events, { initialize, owner }) {
      const open = (heard: ChannelEvents): StdioChannel => {
        const child = kept.take(era, initialize);
        if (child === undefined) return start(material, era, heard, breaker);
        child.events.adopt(heard);
        return child.channel;
      };
      const channel = era === 'modern' && owner !== undefined ? share(owner, open).join(server, events) : open(events);
      return identity === undefined ? channel : new CallerChannel(channel, identity);
    },
    async close() {
      closed = true;
      identity?.revoke();
      await Promise.all([...children].map((child) => child.stop()));
      await identity?.close();
    },
  };
}

/** Children that are asked what they speak are judged together, and not by themselves. */
const asked = { succeeded() {}, failed() {} };
