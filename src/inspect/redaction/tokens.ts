// Tokens that stand for a value: whoever got one can send it back to where the value is from, and to nobody else.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import type { Rule } from './rules.ts';
import type { RedactionSettings } from './settings.ts';
import { nextToken, writeToken } from './token-form.ts';

/** Whose value it is, and where it is from. */
export interface Origin {
  /** Principal id. */
  readonly person: string;
  readonly server: string;
}

/** In an object of its own: arguments may look like anything, a refusal included. */
export interface OpenedArguments {
  readonly args: JsonObject;
}

export interface Tokens {
  /** The same token for the same value of the same origin for a while. Undefined for what is too long for one. */
  write(value: string, rule: Rule, origin: Origin): string | undefined;
  /**
   * Puts the values back into arguments that a person sends to a server: those that are the person's own, and from
   * this server or one whose values may go there.
   * @returns the very arguments where there is no token, a refusal where one is somebody else's, foreign or expired
   */
  open(args: JsonObject, to: Origin): OpenedArguments | Refusal;
}

export const tokenKeyBytes = 32;
const maxValue = 256;
const maxTokens = 1000;
const ivBytes = 16;
const expiryBytes = 4;
const hourMs = 3_600_000;

/**
 * Nothing is kept: a token holds its value, encrypted as in RFC 5297 by a key of the house, with HMAC-SHA-256 over origin
 * and value as synthetic IV. So it is the same wherever Genkan runs and proves by itself whose it is.
 */
export function createTokens(
  key: Buffer,
  { lifetime: lifetimeMs, mayGoTo }: RedactionSettings['tokens'],
  { clock }: { readonly clock: Clock },
): Tokens {
  if (key.length !== tokenKeyBytes) throw new TypeError(`a key of tokens has ${tokenKeyBytes} bytes`);
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', `genkan redaction ${use}`, 32));
  const [encryption, authentication] = [derive('encryption'), derive('authentication')];
  // Tokens of one value stay the same meanwhile, so that an assistant can tell that two of them are one.
  const stepMs = Math.min(hourMs, lifetimeMs);
  const sources = (server: string): readonly string[] => [
    server,
    ...Object.keys(mayGoTo).filter((source) => mayGoTo[source]!.includes(server)),
  ];

  const ivOf = (plain: Buffer, rule: Rule, { person, server }: Origin): Buffer =>
    createHmac('sha256', authentication)
      .update(JSON.stringify([person, server, rule]))
      .update('\0')
      .update(plain)
      .digest()
      .subarray(0, ivBytes);

  function openOne(sealed: string, rule: Rule, origins: readonly Origin[]): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    // A letter that stands behind a token would be lost with it.
    if (bytes.toString('base64url') !== sealed) return undefined;
    if (bytes.length <= ivBytes + expiryBytes || bytes.length > ivBytes + expiryBytes + maxValue * 3) return undefined;
    const iv = bytes.subarray(0, ivBytes);
    const decipher = createDecipheriv('aes-256-ctr', encryption, iv);
    const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes)), decipher.final()]);
    if (!origins.some((origin) => timingSafeEqual(ivOf(plain, rule, origin), iv))) return undefined;
    if (plain.readUInt32BE(0) * 1000 <= clock.now()) return undefined;
    return plain.toString('utf8', expiryBytes);
  }

  return {
    write(value, rule, origin) {
      if (value.length > maxValue || !value.isWellFormed()) return undefined;
      const plain = Buffer.alloc(expiryBytes + Buffer.byteLength(value));
      const untilMs = Math.ceil((clock.now() + lifetimeMs) / stepMs) * stepMs;
      plain.writeUInt32BE(Math.ceil(untilMs / 1000), 0);
      plain.write(value, expiryBytes);
      const iv = ivOf(plain, rule, origin);
      const cipher = createCipheriv('aes-256-ctr', encryption, iv);
      return writeToken(rule, Buffer.concat([iv, cipher.update(plain), cipher.final()]));
    },

    open(args, { person, server }) {
      const origins = sources(server).map((source) => ({ person, server: source }));
      let left = maxTokens;
      const foreign = new Foreign();
      const openText = (text: string): string => {
        let [written, at] = ['', 0];
        for (let token = nextToken(text, 0); token !== undefined; token = nextToken(text, token.to)) {
          const value = left-- > 0 ? openOne(token.sealed, token.rule, origins) : undefined;
          if (value === undefined) throw foreign;
          written += text.slice(at, token.from) + value;
          at = token.to;
        }
        return at === 0 ? text : written + text.slice(at);
      };
      // Messages are read with a bound on their depth.
      const openAll = (value: unknown): unknown => {
        if (typeof value === 'string') return openText(value);
        if (Array.isArray(value)) return changed(value, value.map(openAll));
        if (!isJsonObject(value)) return value;
        const names = Object.keys(value);
        const opened = names.map((name): [string, unknown] => [openText(name), openAll(value[name])]);
        if (opened.every(([name, each], index) => name === names[index] && each === value[name])) return value;
        // Two members that become one: which of them counts would be left to chance.
        if (new Set(opened.map(([name]) => name)).size < names.length) throw foreign;
        return Object.fromEntries(opened);
      };
      try {
        return { args: openAll(args) as JsonObject };
      } catch (error) {
        if (error === foreign) return refuse('inspect_token_foreign', { server }, { outcome: 'block' });
        throw error;
      }
    },
  };
}

class Foreign extends Error {}

const changed = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((each, index) => each === before[index]) ? before : after;
