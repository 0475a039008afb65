// A process that writes records to files until it is killed: `node export-file-child.ts FOLDER FIRST`. Says the index of the last one acknowledged.
import { createLog } from '../../src/base/log.ts';
import { createFileSink } from '../../src/record/export/file-sink.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import type { FileSettings } from '../../src/record/export/settings.ts';
import { exportedRecord } from './exported-record.ts';

const [, , folder = '', first = '0'] = process.argv;
const { files } = exportSettings.parse({ sinks: { files: { type: 'file', folder, maxFileBytes: 2_000_000 } } })
  .sinks as { files: FileSettings };
const sink = createFileSink('siem', files, { folder, clock: { now: Date.now }, log: createLog('silent') });
for (let index = Number(first); ; index += 40) {
  const batch = Array.from({ length: 40 }, (_, offset) =>
    exportedRecord({ index: index + offset, details: { text: 'x'.repeat(2000) } }),
  );
  await sink.send(batch, new AbortController().signal);
  // Pipes are written synchronously, so whatever was said is in the pipe when this process is killed.
  process.stdout.write(`${index + 39}\n`);
}
