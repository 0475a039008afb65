// The built-in server `graph`: tells each caller what Microsoft Graph knows of themselves. It runs in our own process.
import { setTimeout as delay } from 'node:timers/promises';
import type { CallerTokens } from '../../base/caller-tokens.ts';
import { createCallerCredential } from '../caller-identity/caller-credential.ts';
import type { CallerDesk } from '../caller-identity/caller-desk.ts';
import type { BuiltinServerSettings } from '../settings.ts';
import type { Transport, UpstreamNeighbours } from '../transport.ts';
import { GraphChannel } from './graph-channel.ts';
import { createProfile } from './profile.ts';

export interface GraphNeighbours extends Pick<UpstreamNeighbours, 'clock' | 'graphUrl' | 'fetch'> {
  readonly callers: CallerTokens;
  readonly desk: Pick<CallerDesk, 'signInRequired'>;
  readonly random?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface Graph {
  /** The server as one person speaks with it; what it has learned of them lies here and nowhere else. */
  transportFor(person: string): Transport<void>;
}

const publicGraph = 'https://graph.microsoft.com';

export function createGraph(server: string, settings: BuiltinServerSettings, neighbours: GraphNeighbours): Graph {
  const { callers, desk, clock, graphUrl = publicGraph, random = Math.random, wait = waitFor } = neighbours;
  const scopes = [`${graphUrl}/User.Read`];
  return {
    transportFor(person) {
      const profile = createProfile(
        { server, person, graphUrl, fields: settings.fields, deadlineMs: settings.timeoutSeconds * 1000 },
        {
          credential: createCallerCredential(person, scopes, callers, desk),
          fetch: neighbours.fetch ?? fetch,
          clock,
          random,
          wait,
        },
      );
      return {
        heavy: new Set(['legacy', 'modern']),
        eraFor: (client) => Promise.resolve(client),
        prepare: () => Promise.resolve(),
        open: (_nothing, era, events) => new GraphChannel({ server, era, fields: settings.fields, profile, ...events }),
        close: () => Promise.resolve(),
      };
    },
  };
}

const waitFor = (ms: number, signal: AbortSignal): Promise<unknown> => delay(ms, undefined, { signal, ref: false });
