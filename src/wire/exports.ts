// Where records go besides, connected.
import path from 'node:path';
import type { Config } from '../config/load.ts';
import { createExports } from '../record/export/exports.ts';
import type { Exports } from '../record/export/exports.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Foundation } from './foundation.ts';

export function openExports({ settings, file }: Config, ground: Foundation, metrics: Metrics): Exports {
  return createExports(settings.record.export, {
    ...ground,
    metrics,
    secret: ground.secretFor('export'),
    fetch,
    folder: path.dirname(file),
  });
}
