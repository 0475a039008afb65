// How people of the demo call a tool, and what they are answered.
import { ProtocolError } from '@modelcontextprotocol/client';
import type { Client } from '@modelcontextprotocol/client';

export type Arguments = Record<string, unknown>;

export const callTimeoutMs = 60_000;
/** The subscription of the trial, which belongs to nobody. */
export const subscription = '00000000-0000-0000-0000-000000000001';
/** What only the Azure server itself says: that it has no login. */
export const ownWords = /Authentication failed\. Please run .*az login/;

export async function call(client: Client, name: string, args: Arguments): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args }, { timeout: callTimeoutMs });
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');
}

/** The refusal with which a call ends. Anything else, an answer included, is a failure of the step. */
export async function refusalOf(client: Client, name: string, args: Arguments): Promise<ProtocolError> {
  try {
    const text = await call(client, name, args);
    throw new Error(`it was not refused, and answered: ${text.slice(0, 200)}`);
  } catch (error) {
    if (ProtocolError.isInstance(error)) return error;
    throw error;
  }
}

export const reasonOf = ({ data }: ProtocolError): unknown => (data as { reason?: unknown } | undefined)?.reason;

/** The beginning of what a JSON answer of the Azure server, or a plain text, says. */
export function beginningOf(text: string): string {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const plain = message === undefined ? text : (JSON.parse(`"${message}"`) as string);
  return /^.*?[.!?](?=\s|$)(?:.{0,60}?[.!?](?=\s|$))?/s.exec(plain)?.[0].replace(/\s+/g, ' ') ?? plain.slice(0, 160);
}
