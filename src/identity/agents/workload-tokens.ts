// Agents that sign in with a token of another issuer, e.g. of GitHub Actions or Kubernetes, so that no secret has to be kept anywhere.
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { unguessableId } from '../../base/ids.ts';
import { assertionAlgorithms } from './agent-client.ts';
import type { Agents } from './agents.ts';
import type { IssuerKeys } from './issuer-keys.ts';

interface WorkloadTokens {
  /** Public key with which this process vouches for workloads. */
  readonly bridge: object;
  /**
   * Replaces the token of a workload by an assertion of the agent that it belongs to, which the provider checks like any other.
   * A form that brings none, or one that proves nothing, stays as it is and is refused further on.
   */
  translate(form: URLSearchParams): Promise<URLSearchParams>;
}

interface WorkloadNeighbours {
  readonly agents: Agents;
  readonly keys: IssuerKeys;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clock: Clock;
}

const bridgeSeconds = 30;
const maxTokenLength = 16_384;
/** Unlike an assertion made for one request, a workload's token may be shown until it expires; beyond this it is a standing secret. */
const maxAgeSeconds = 3600;

export function createWorkloadTokens(neighbours: WorkloadNeighbours): WorkloadTokens {
  const { agents, keys, issuer, tokenEndpoint, clock } = neighbours;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  return {
    bridge: { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' },
    async translate(form) {
      const [assertion, clientId] = [only(form, 'client_assertion'), only(form, 'client_id')];
      if (assertion === undefined || clientId === undefined || assertion.length > maxTokenLength) return form;
      const credential = (await agents.find(clientId))?.credential;
      if (credential?.kind !== 'federated') return form;
      const translated = new URLSearchParams(form);
      translated.delete('client_assertion');
      if (await proves(assertion, credential)) translated.set('client_assertion', await vouchFor(clientId));
      return translated;
    },
  };

  // RFC 7523 §3, with issuer and subject as an administrator has written them down for this agent.
  async function proves(token: string, { issuer: from, subject }: { issuer: string; subject: string }) {
    const keysOfIssuer = keys.of(from);
    if (keysOfIssuer === undefined) return false;
    try {
      const { payload } = await jwtVerify(token, keysOfIssuer, {
        algorithms: [...assertionAlgorithms],
        issuer: from,
        subject,
        audience: [issuer, tokenEndpoint],
        maxTokenAge: maxAgeSeconds,
        requiredClaims: ['exp'],
        currentDate: new Date(clock.now()),
      });
      // Kubernetes and GitHub put one audience in; a token for several could be used by any of them.
      if (Array.isArray(payload.aud) && payload.aud.length !== 1) return false;
      return true;
    } catch {
      return false;
    }
  }

  function vouchFor(clientId: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + bridgeSeconds)
      .setJti(unguessableId())
      .sign(privateKey);
  }
}

function only(form: URLSearchParams, name: string): string | undefined {
  const values = form.getAll(name);
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}
