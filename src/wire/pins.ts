// Pins connected: what servers show is compared with what was approved, and people hear of what is different.
import path from 'node:path';
import type { Config } from '../config/load.ts';
import type { Principal } from '../base/principal.ts';
import { correlationId } from '../base/ids.ts';
import { createPinDesk } from '../inspect/pins/pin-desk.ts';
import type { PinDesk } from '../inspect/pins/pin-desk.ts';
import { createPins } from '../inspect/pins/pins.ts';
import type { PinNeighbours, Pins } from '../inspect/pins/pins.ts';
import type { Shield } from '../inspect/shield/shield.ts';
import { suspectsIn } from '../inspect/pins/suspects.ts';
import type { Metrics } from '../record/metrics.ts';
import type { UpstreamSettings } from '../upstream/settings.ts';
import type { Foundation } from './foundation.ts';

export interface OpenPins {
  readonly pins: Pins;
  readonly desk: PinDesk;
}

/** @param around what is there only once everything is connected, and what looks at texts */
export async function openPins(
  { settings }: Config,
  ground: Foundation,
  metrics: Metrics,
  { shield, ...around }: Pick<PinNeighbours, 'servers'> & { readonly shield: Shield },
): Promise<OpenPins> {
  const { database, revocations, clock, log, record } = ground;
  const noticed = metrics.counter(
    'genkan_pin_changes_total',
    'What servers showed that was not as approved, by reason.',
    ['reason'],
  );
  const pins = await createPins(settings.inspect.pins, {
    database,
    revocations,
    notifier: ground.notices,
    record: (entry) =>
      record.append({
        timestamp: clock.now(),
        user: '',
        ...entry,
        correlationId: correlationId(),
        sourceIP: '',
        userAgent: '',
      }),
    programOf: programsOf(settings.servers, settings.inspect.pins.alike),
    count: (reason) => noticed.with(reason).add(),
    ...around,
    suspects: suspectsIn(settings.inspect, shield),
    clock,
    log,
  });
  metrics.gaugeOf('genkan_pins_waiting', 'Versions of tools and the like that wait for somebody to approve them.', () =>
    pins.waiting(),
  );
  const { mfa } = settings.identity.conditionalAccess.contexts;
  const hasSecondFactor = ({ contexts = [] }: Principal): boolean => mfa !== undefined && contexts.includes(mfa);
  const desk = createPinDesk(pins, { database, revocations, hasSecondFactor, mfaKnown: mfa !== undefined, clock });
  return { pins, desk };
}

/** What the configuration says that a server runs, or where it is: what the server says of itself proves nothing. */
function programsOf(
  servers: UpstreamSettings,
  alike: readonly (readonly string[])[],
): (server: string) => string | undefined {
  const programs = Object.entries(servers).map(([name, server]): [string, string] => [
    name,
    'command' in server ? programIn(server.command) : 'url' in server ? server.url : `builtin ${server.builtin}`,
  ]);
  const groups = alike.flatMap((names, group) => names.map((name): [string, string] => [name, `alike ${group}`]));
  const known = new Map([...programs, ...groups]);
  return (server) => known.get(server);
}

/** Programs whose first argument that is no option is the script or package that they run, whatever follows. */
const runners: ReadonlySet<string> = new Set(['node', 'npx', 'bunx', 'uvx', 'python', 'python3']);

function programIn(command: readonly string[]): string {
  const [program = '', ...given] = command;
  const script = given.find((argument) => !argument.startsWith('-'));
  const isRunner = runners.has(path.basename(program).replace(/\.(?:exe|cmd)$/i, ''));
  return JSON.stringify(isRunner && script !== undefined ? [program, script] : command);
}
