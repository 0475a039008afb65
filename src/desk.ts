// What the command line does on files alone: reads and proves an audit log, checks a configuration, empties the trial.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { GenkanError } from './base/errors.ts';
import type { Language } from './base/text.ts';
import { createConfigurationDesk } from './config/configuration-desk.ts';
import type { AuditDesk, Desk, TrialDataDesk } from './operations/house.ts';
import { openReader } from './record/reader.ts';
import { storedVerifierKey } from './record/signing-key.ts';
import { verifyLog } from './record/verify.ts';

export interface DeskPlace {
  /** Path of genkan.yaml, which need not be valid. */
  readonly configFile: string;
  /** Called only by what needs it, since finding the data directory may need a valid configuration. */
  readonly dataDirectory: () => string;
  readonly language: Language;
  /** In the trial: looks whether a server has the data directory open. */
  readonly trialServer?: () => Promise<{ readonly pid: number } | undefined>;
}

export function openDesk({ configFile, dataDirectory, language, trialServer }: DeskPlace): Desk {
  return {
    audit: openAudit(dataDirectory),
    configuration: createConfigurationDesk(configFile, language),
    ...(trialServer && { trialData: openTrialData(dataDirectory, trialServer) }),
  };
}

function openAudit(dataDirectory: () => string): AuditDesk {
  const found = (): string => {
    const directory = dataDirectory();
    if (!existsSync(path.join(directory, 'audit.db'))) throw new GenkanError('operation_log_missing', { directory });
    return directory;
  };
  return {
    async list(query) {
      using reader = closing(openReader(found()));
      return await reader.list(query);
    },
    async proof(index) {
      using reader = closing(openReader(found()));
      return reader.proof(index);
    },
    async verify() {
      const directory = found();
      return verifyLog(directory, { verifierKey: storedVerifierKey(path.join(directory, 'keys')) });
    },
  };
}

const closing = <Closable extends { close(): void }>(closable: Closable): Closable & Disposable =>
  Object.assign(closable, { [Symbol.dispose]: () => closable.close() });

// Only what Genkan itself has put there: somebody may have named the wrong directory.
const ownFiles = /^(?:(?:genkan|audit)\.db(?:-wal|-shm|-journal)?|audit\.lock(?:-journal)?|running\.json|keys)$/;

function openTrialData(dataDirectory: () => string, server: NonNullable<DeskPlace['trialServer']>): TrialDataDesk {
  return {
    async reset() {
      const running = await server();
      if (running !== undefined) {
        throw new GenkanError('operation_server_running', { operation: 'trial reset', pid: running.pid });
      }
      const directory = dataDirectory();
      for (const name of existsSync(directory) ? readdirSync(directory) : []) {
        if (ownFiles.test(name)) rmSync(path.join(directory, name), { recursive: true });
      }
      return directory;
    },
  };
}
