// A witness of its own on a loopback port, and what publishes the log of a data directory to it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { createMetrics } from '../../src/record/metrics.ts';
import { generateSigningKey, signatureTypes } from '../../src/record/note.ts';
import { createAuditDoor } from '../../src/record/tiles/audit-door.ts';
import { openTree } from '../../src/record/tiles/tree.ts';
import { createCosigner } from '../../src/record/witness/cosignature.ts';
import { createLogBook } from '../../src/record/witness/log-book.ts';
import type { LogBook } from '../../src/record/witness/log-book.ts';
import { createGenkanPlace } from '../../src/record/witness/places/genkan-place.ts';
import type { Place } from '../../src/record/witness/places/place.ts';
import { createPublisher } from '../../src/record/witness/publisher.ts';
import type { Publisher, PublisherNeighbours, PublisherSettings, Trouble } from '../../src/record/witness/publisher.ts';
import { createWitness } from '../../src/record/witness/witness.ts';
import type { Refused } from '../../src/record/witness/witness.ts';
import { openDatabase } from '../../src/state/database.ts';
import type { Database } from '../../src/state/database.ts';
import { createLeases } from '../../src/state/leases.ts';

export interface WitnessListener {
  /** Submission prefix. */
  readonly url: string;
  readonly key: string;
  readonly database: Database;
  /** Of what it told people. */
  readonly refused: readonly Refused[];
  readonly place: Place;
}

export async function openWitnessListener(t: TestContext, logKeys: readonly string[]): Promise<WitnessListener> {
  const database = await openDatabase(':memory:');
  const cosigner = createCosigner(generateSigningKey('witness.example/w1', signatureTypes.cosignature));
  const refused: Refused[] = [];
  const witness = createWitness(logKeys, {
    cosigner,
    database,
    clock: systemClock,
    onRefused: (one) => void refused.push(one),
  });
  const nothing = (): never => {
    throw new Error('not served here');
  };
  const door = createAuditDoor(
    { tiles: 'nobody' },
    {
      publicUrl: 'https://witness.example',
      origin: 'witness.example',
      tree: { head: nothing, tile: nothing, entries: nothing },
      cosigned: nothing,
      witness,
      admit: nothing,
    },
  );
  const server = createServer((request, response) => {
    void door.handle(request, response).then((refusal) => refusal && response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await database.destroy();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit/witness`;
  const place = createGenkanPlace({ url, key: cosigner.verifierKey }, fetch);
  return { url, key: cosigner.verifierKey, database, refused, place };
}

export interface Publishing extends Publisher {
  readonly told: readonly Trouble[];
  readonly book: LogBook;
}

/**
 * What publishes the log of a data directory.
 * @param database what the process remembers of what it has published; a fresh one remembers nothing
 */
export async function openPublishing(
  t: TestContext,
  directory: string,
  verifierKey: string,
  places: Readonly<Record<string, Place>>,
  {
    database,
    settings = {},
    ...more
  }: { database?: Database; settings?: Partial<PublisherSettings> } & Partial<
    Pick<PublisherNeighbours, 'clock' | 'metrics'>
  > = {},
): Promise<Publishing> {
  const own = database ?? (await openDatabase(':memory:'));
  if (database === undefined) t.after(() => own.destroy());
  const tree = openTree(directory);
  t.after(() => tree.close());
  const book = createLogBook(own);
  await book.enter({ origin: verifierKey.split('+', 1)[0]!, verifierKey, dataDirectory: directory });
  const told: Trouble[] = [];
  const publisher = createPublisher(
    { witnessEverySeconds: 60, witnessAlarmMinutes: 15, ...settings },
    {
      verifierKey,
      tree,
      places: new Map(Object.entries(places).map(([name, place]) => [name, { type: 'test', place }])),
      book,
      leases: createLeases({ database: own, clock: systemClock }),
      metrics: createMetrics(),
      clock: systemClock,
      log: createLog('silent'),
      alarm: (trouble) => void told.push(trouble),
      ...more,
    },
  );
  return { ...publisher, told, book };
}
