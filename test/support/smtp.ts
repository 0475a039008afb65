// A mail server that keeps what it gets: as much of SMTP (RFC 5321) as a sender needs, on loopback.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Head and body as they came. */
  readonly data: string;
}

export interface MailServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly Mail[];
  /** Answers the next messages with this code, e.g. 451, before it takes any again. */
  refuse(code: number, times: number): void;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const refusing = { code: 0, times: 0 };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    let rest = '';
    let data: string[] | undefined;
    let mail = { from: '', to: [] as string[] };

    function command(line: string): void {
      const [, address = ''] = /<([^>]*)>/.exec(line) ?? [];
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') say('250 test');
      else if (verb === 'MAIL') ((mail = { from: address, to: [] }), say('250 ok'));
      else if (verb === 'RCPT') (mail.to.push(address), say('250 ok'));
      else if (verb === 'DATA') ((data = []), say('354 go on'));
      else if (verb === 'QUIT') (say('221 bye'), socket.end());
      else say('250 ok');
    }

    function body(line: string): void {
      if (line !== '.') return void data!.push(line);
      if (refusing.times > 0) {
        refusing.times -= 1;
        say(`${refusing.code} not now`);
      } else {
        mails.push({ ...mail, data: data!.join('\n') });
        say('250 taken');
      }
      data = undefined;
    }

    say('220 test');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) (data === undefined ? command : body)(line);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    refuse: (code, times) => Object.assign(refusing, { code, times }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
