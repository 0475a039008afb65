// An rsyslog of a test's own: it takes syslog over TLS on loopback and writes what it has taken into a file. Without rsyslogd on this machine there is none.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { createCertificate } from './entra/certificates.ts';
import { unless } from './skipping.ts';

const program = '/usr/sbin/rsyslogd';
const driver = spawnSync('find', ['/usr/lib', '-name', 'lmnsd_ossl.so']).stdout.toString();

export const withoutRsyslog = unless(
  existsSync(program) && driver !== '',
  'there is no rsyslogd with OpenSSL on this machine',
);

export interface Rsyslog extends AsyncDisposable {
  readonly port: number;
  /** Where its authority lies as `ca.pem`. */
  readonly folder: string;
  /** Structured data and text of each message that it has written, in order. */
  lines(): readonly string[];
  /** Ends the process at once. */
  kill(): Promise<void>;
}

export async function startRsyslog(): Promise<Rsyslog> {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-rsyslog-'));
  const at = (name: string): string => path.join(folder, name);
  const authority = createCertificate({ name: 'rsyslog authority', authority: true });
  const own = createCertificate({
    name: 'localhost',
    hosts: ['localhost', '127.0.0.1'],
    issuer: authority,
    key: 'rsa',
  });
  writeFileSync(at('ca.pem'), authority.pem);
  writeFileSync(at('cert.pem'), own.pem);
  writeFileSync(at('key.pem'), own.privateKeyPem, { mode: 0o600 });
  writeFileSync(
    at('rsyslog.conf'),
    `global(workDirectory="${folder}" maxMessageSize="64k" DefaultNetstreamDriver="ossl"
  DefaultNetstreamDriverCAFile="${at('ca.pem')}" DefaultNetstreamDriverCertFile="${at('cert.pem')}"
  DefaultNetstreamDriverKeyFile="${at('key.pem')}")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imtcp" port="0" address="127.0.0.1" listenPortFileName="${at('port')}")
template(name="line" type="list") {
  property(name="structured-data") property(name="msg" spifno1stsp="on") property(name="msg") constant(value="\\n") }
action(type="omfile" file="${at('taken')}" template="line")
`,
  );
  const child = spawn(program, ['-n', '-f', at('rsyslog.conf'), '-i', at('pid')], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  for (let tries = 0; !existsSync(at('port')) || readFileSync(at('port'), 'utf8') === ''; tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error('rsyslogd did not start');
    await passed(50);
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  return {
    port: Number(readFileSync(at('port'), 'utf8')),
    folder,
    lines: () => (existsSync(at('taken')) ? readFileSync(at('taken'), 'utf8').split('\n').slice(0, -1) : []),
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
