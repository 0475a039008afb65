// Reads syslog as a receiver does: messages out of a stream by their length (RFC 6587 §3.4.1), and each by the grammar of RFC 5424 §6.

export interface SyslogElement {
  readonly id: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string;
  readonly host: string;
  readonly app: string;
  readonly process: string;
  readonly messageId: string;
  readonly data: readonly SyslogElement[];
  readonly text: string;
}

/** @returns whole messages, and what is left of the stream */
export function takeFrames(stream: Buffer): { readonly messages: readonly string[]; readonly rest: Buffer } {
  const messages: string[] = [];
  let rest = stream;
  for (;;) {
    const space = rest.indexOf(0x20);
    if (space === -1) return { messages, rest };
    const length = rest.subarray(0, space).toString();
    if (!/^[1-9][0-9]{0,8}$/.test(length)) throw new Error(`"${length}" is no length`);
    const end = space + 1 + Number(length);
    if (rest.length < end) return { messages, rest };
    messages.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rest.subarray(space + 1, end)));
    rest = rest.subarray(end);
  }
}

/** @throws Error on what RFC 5424 does not allow */
export function parseSyslog(message: string): SyslogMessage {
  const head =
    /^<(0|[1-9][0-9]{0,2})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) /.exec(
      message,
    );
  if (head === null) throw new Error(`no head of RFC 5424: ${message.slice(0, 80)}`);
  const [whole, priority, timestamp, host, app, process, messageId] = head as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (Number(priority) > 191) throw new Error(`${priority} is no priority`);
  const data: SyslogElement[] = [];
  let at = whole.length;
  while (message[at] === '[') {
    const id = /^[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}/.exec(message.slice(at + 1))![0];
    at += 1 + id.length;
    const parameters = new Map<string, string>();
    while (message[at] === ' ') {
      const name = /^ ([\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32})="/.exec(message.slice(at))!;
      at += name[0].length;
      let value = '';
      for (; message[at] !== '"'; at++) {
        if (message[at] === undefined || message[at] === ']') throw new Error('a value does not end');
        if (message[at] === '\\' && /["\\\]]/.test(message[at + 1] ?? '')) at++;
        value += message[at];
      }
      parameters.set(name[1]!, value);
      at++;
    }
    if (message[at] !== ']') throw new Error('an element does not end');
    data.push({ id, parameters });
    at++;
  }
  return {
    facility: Number(priority) >> 3,
    severity: Number(priority) & 7,
    timestamp,
    host,
    app,
    process,
    messageId,
    data,
    text: message[at] === ' ' ? message.slice(at + 1) : '',
  };
}
