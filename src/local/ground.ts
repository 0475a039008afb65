// What a process in local mode stands on: a place of its own, and the record that it keeps there.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createRecord } from '../record/record.ts';
import type { AuditRecord } from '../record/record.ts';
import type { RecordSettings } from '../record/settings.ts';
import { takePlace } from './places.ts';

export interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly record: AuditRecord;
}

/**
 * @param root data directory of the person
 * @param name of the server, or of what else is recorded
 * @throws GenkanError `local_places_full`, `record_unavailable`
 */
export async function openGround(root: string, name: string, settings: RecordSettings, log: Log): Promise<Ground> {
  await using opened = new AsyncDisposableStack();
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const { folder, release } = takePlace(root, name);
  opened.defer(release);
  const record = await createRecord(settings, {
    dataDirectory: folder,
    keysDirectory: path.join(folder, 'keys'),
    origin: `local/${name}/${path.basename(folder)}`,
    clock: systemClock,
    log,
  });
  opened.defer(() => record.close());
  const everything = opened.move();
  return { folder, record, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
