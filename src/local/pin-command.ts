// The commands `genkan local pin …`: what one's own servers show that one has not approved.
import path from 'node:path';
import { isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { pinSettings } from '../inspect/pins/settings.ts';
import { unverifiedPrefix } from '../identity/local/unverified-person.ts';
import type { House } from '../operations/house.ts';
import type { AnyOperation } from '../operations/operation.ts';
import { pinOperations } from '../operations/pin.ts';
import { recordSettings } from '../record/settings.ts';
import type { LocalSurroundings } from './command.ts';
import { openGround } from './ground.ts';
import { openLocalPins } from './local-pins.ts';
import { localRoot } from './places.ts';

const operations = pinOperations as unknown as readonly AnyOperation[];

/** The operation of that verb, as a command of this machine. */
export const pinCommand = (verb: string | undefined): AnyOperation | undefined =>
  operations.find(({ id }) => id === `pin.${verb}`);

/** Carries it out on the person's own book; what is decided stands in a log of theirs. */
export async function runPinCommand(
  operation: AnyOperation,
  input: Record<string, unknown>,
  json: boolean,
  { data, machine, account }: LocalSurroundings,
  out: (text: string) => void,
): Promise<Refusal | undefined> {
  const root = data === undefined ? localRoot(machine) : path.resolve(data);
  const log = createLog('warn');
  const clock = systemClock;
  await using opened = new AsyncDisposableStack();
  const { record } = opened.use(await openGround(root, 'account', recordSettings.parse({}), log));
  const servers = (): readonly string[] => [];
  const book = await openLocalPins(pinSettings.parse({}), { root, servers, record, clock, log });
  opened.defer(() => book.close());
  const principal = { id: `${unverifiedPrefix}${account}`, kind: 'operator', name: account, groups: [] } as const;
  const caller = { principal, sourceIP: '', userAgent: '' };
  const house = { pins: book.desk } satisfies Pick<House, 'pins'>;
  const output: unknown = await operation.run(house as unknown as House, input, caller);
  if (isRefusal(output)) return output;
  if (operation.effect !== 'read')
    await record.append({
      timestamp: clock.now(),
      user: principal.id,
      action: operation.id,
      resource: operation.resource?.(input) ?? '/',
      result: 'allowed',
      details: { input, ...operation.noted?.(output) },
      correlationId: '',
      sourceIP: '',
      userAgent: '',
    });
  out(json ? JSON.stringify(output, undefined, 2) : printed(operation, output));
  return undefined;
}

/** The next step that is named is one of this machine. */
const printed = (operation: AnyOperation, output: unknown): string =>
  (operation.print?.(output) ?? '').replaceAll(/\bgenkan pin (?=show|approve|reject)/g, 'genkan local pin ');
