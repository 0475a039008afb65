// A closed-loop load: N connections, each sending its next call when the last is answered, for a bounded number of calls.
import { Pool } from 'undici';
import type { Era } from '../src/protocol/message.ts';

export interface Scenario {
  readonly name: string;
  readonly tool: 'echo' | 'page' | 'large' | 'steps';
  readonly connections: number;
  readonly calls: number;
}

export interface Load {
  readonly callsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

/**
 * Runs one load.
 * @param url full address of the MCP endpoint
 * @param headers added to every call, e.g. the access token
 * @throws when any call is not answered with a result: a system that fails fast must not look fast
 */
export async function load(
  url: string,
  scenario: Scenario,
  headers: Record<string, string>,
  era: Era = 'modern',
): Promise<Load> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: scenario.connections, pipelining: 1 });
  const latencies = new Float64Array(scenario.calls);
  let next = 0;

  async function worker(): Promise<void> {
    for (let call = next++; call < scenario.calls; call = next++) {
      const startedAt = performance.now();
      const { statusCode, body } = await pool.request({
        path: pathname,
        method: 'POST',
        headers: { ...callHeaders(scenario.tool, era), ...headers },
        body: callBody(call + 1, scenario.tool, era),
      });
      const text = await body.text();
      latencies[call] = performance.now() - startedAt;
      if (statusCode !== 200 || !text.includes('"result"'))
        throw new Error(`${url} answered ${statusCode}: ${text.slice(0, 300)}`);
    }
  }

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: scenario.connections }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  latencies.sort();
  const at = (share: number): number => Math.round(latencies[Math.floor((scenario.calls - 1) * share)]! * 1000);
  return { callsPerSecond: Math.round(scenario.calls / seconds), p50Micros: at(0.5), p99Micros: at(0.99) };
}

function callHeaders(tool: string, era: Era): Record<string, string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (era === 'legacy') return headers;
  return { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': tool };
}

function callBody(id: number, name: string, era: Era): string {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const _meta = { ...(era === 'modern' && envelope), progressToken: id };
  const params = { name, arguments: { text: 'konnichiwa' }, _meta };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}

/** Opens a legacy session, for relays that know nothing newer, and returns the headers of its calls. */
export async function openSession(url: string): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (message: object, more: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
  const opened = await post({ id: 0, method: 'initialize', params });
  await opened.text();
  const session = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-06-18',
  };
  await (await post({ method: 'notifications/initialized' }, session)).text();
  return session;
}
