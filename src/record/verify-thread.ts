// Runs one verification of a log off the main thread, which has calls to serve.
import { parentPort, workerData } from 'node:worker_threads';
import { verifyLog } from './verify.ts';
import type { VerifyOptions } from './verify.ts';

export interface VerifyStart extends VerifyOptions {
  readonly dataDirectory: string;
}

const { dataDirectory, ...options } = workerData as VerifyStart;
parentPort!.postMessage(verifyLog(dataDirectory, options));
