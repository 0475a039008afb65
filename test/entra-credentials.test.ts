// How Genkan proves to Entra ID which application it is: every kind of credential signs somebody in, and is read anew each time.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { exportJWK, SignJWT } from 'jose';
import type { SecretReference } from '../src/base/secret.ts';
import { checkConfig } from '../src/config/load.ts';
import { createCertificate } from './support/entra.ts';
import { clientSecret, startEntraHouse } from './support/entra-house.ts';
import type { EntraHouse } from './support/entra-house.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-credentials-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);
const isIn = ({ page }: { page?: string }): boolean => page?.includes('name="decision"') ?? false;
const ref = (name: string): SecretReference => ({ source: 'env', name });
const from = (values: Record<string, string>) => (reference: SecretReference) =>
  Promise.resolve('name' in reference ? values[reference.name]! : '');
const proofOf = (house: EntraHouse): unknown =>
  house.records.findLast(({ action }) => action === 'identity.signIn')!.details['credential'];
const reasonOf = (house: EntraHouse): string => String(house.records.at(-1)!.details['reason']);
const codeOf = (house: EntraHouse): unknown => house.records.at(-1)!.details['code'];

test('a client secret, which is exchanged without a restart', async () => {
  const values = { SECRET: 'a~former-secret' };
  await using house = await startEntraHouse({
    provider: { credential: { secret: ref('SECRET') } },
    secret: from(values),
  });
  assert.equal((await house.signIn(house.dana)).response!.status, 502);
  assert.equal(codeOf(house), 'identity_credential_refused');
  values.SECRET = clientSecret;
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.doesNotMatch(JSON.stringify(house.records), /a~former-secret|a~secret-of-genkan/);
});

test('a certificate as PEM: signed with PS256 and named by its SHA-256 thumbprint', async () => {
  const { pem, privateKey, thumbprintSha256 } = createCertificate({ name: 'genkan', key: 'rsa' });
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' });
  const values = { CERTIFICATE: pem, KEY: encrypted.toString(), PASSPHRASE: 'open' };
  const certificate = { certificate: ref('CERTIFICATE'), privateKey: ref('KEY'), passphrase: ref('PASSPHRASE') };
  await using house = await startEntraHouse({
    app: { secret: undefined, certificatePem: pem },
    provider: { credential: { certificate } },
    secret: from(values),
  });
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.deepEqual(proofOf(house), { kind: 'certificate', id: thumbprintSha256.toUpperCase() });
  const { params } = house.entra.requests.find(({ path }) => path.endsWith('/token'))!;
  const header = JSON.parse(Buffer.from(params.get('client_assertion')!.split('.')[0]!, 'base64url').toString());
  assert.equal(header.alg, 'PS256');
  assert.ok(header['x5t#S256']);

  values.PASSPHRASE = 'wrong';
  assert.equal((await house.signIn(house.dana)).response!.status, 502);
  assert.equal(codeOf(house), 'identity_credential_unusable');
  assert.doesNotMatch(reasonOf(house), /BEGIN|wrong/);
});

test('certificate and key in one PEM, as Key Vault may keep them', async () => {
  const { pem, privateKeyPem } = createCertificate({ name: 'genkan', key: 'rsa' });
  await using house = await startEntraHouse({
    app: { secret: undefined, certificatePem: pem },
    provider: { credential: { certificate: { certificate: ref('BOTH'), privateKey: ref('BOTH') } } },
    secret: from({ BOTH: privateKeyPem + pem }),
  });
  assert.ok(isIn(await house.signIn(house.dana)));
});

test('a certificate as PKCS#12 with a password', async () => {
  const { pem, privateKeyPem } = createCertificate({ name: 'genkan', key: 'rsa' });
  writeFileSync(at('both.pem'), privateKeyPem + pem, { mode: 0o600 });
  execFileSync('openssl', ['pkcs12', '-export', '-in', at('both.pem'), '-out', at('pfx'), '-passout', 'pass:geheim']);
  const values = { PFX: readFileSync(at('pfx')).toString('base64'), PASSWORD: 'geheim' };
  await using house = await startEntraHouse({
    app: { secret: undefined, certificatePem: pem },
    provider: { credential: { certificate: { pkcs12: ref('PFX'), password: ref('PASSWORD') } } },
    secret: from(values),
  });
  assert.ok(isIn(await house.signIn(house.dana)));
  values.PASSWORD = 'other';
  await house.signIn(house.dana);
  assert.equal(codeOf(house), 'identity_credential_unusable');
  assert.match(reasonOf(house), /password/);
});

test('a certificate that has expired, belongs to another key, or is of another kind of key is not even tried', async () => {
  const past = { validFrom: new Date('2020-01-01'), validTo: new Date('2021-01-01') };
  const [old, other, curve] = [
    createCertificate({ name: 'old', key: 'rsa', ...past }),
    createCertificate({ name: 'other', key: 'rsa' }),
    createCertificate({ name: 'curve', key: 'ec' }),
  ];
  const values = { CERTIFICATE: old.pem, KEY: old.privateKeyPem };
  await using house = await startEntraHouse({
    provider: { credential: { certificate: { certificate: ref('CERTIFICATE'), privateKey: ref('KEY') } } },
    secret: from(values),
  });
  const leg = house.beside().leg;
  const attempt = () => house.signInBy(leg, house.dana);
  await assert.rejects(attempt, { code: 'identity_credential_expired' });
  Object.assign(values, { CERTIFICATE: other.pem, KEY: old.privateKeyPem });
  await assert.rejects(attempt, { code: 'identity_credential_unusable', message: /does not belong/ });
  Object.assign(values, { CERTIFICATE: curve.pem, KEY: curve.privateKeyPem });
  await assert.rejects(attempt, { code: 'identity_credential_unusable', message: /RSA/ });
  assert.equal(house.entra.counts.token, 0);
});

test('a federated token of Kubernetes, read from its file each time', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [issuer, subject] = ['https://oidc.cluster.example', 'system:serviceaccount:genkan:genkan'];
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k8s', alg: 'RS256' }] };
  const file = at('federated-token');
  const write = async (sub: string, exp = '1h'): Promise<void> => {
    const claims = new SignJWT({}).setIssuer(issuer).setSubject(sub).setAudience('api://AzureADTokenExchange');
    writeFileSync(
      file,
      await claims
        .setIssuedAt()
        .setExpirationTime(exp)
        .setProtectedHeader({ alg: 'RS256', kid: 'k8s' })
        .sign(privateKey),
    );
  };
  await write(subject);
  chmodSync(file, 0o644); // as the kubelet makes it
  await using house = await startEntraHouse({
    app: { secret: undefined, federated: { issuer, subject, jwks } },
    provider: { credential: { federatedToken: { file } } },
  });
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.deepEqual(proofOf(house), { kind: 'federatedToken', id: `${issuer} ${subject}` });
  await write('system:serviceaccount:evil:evil');
  await house.signIn(house.dana);
  assert.equal(codeOf(house), 'identity_credential_refused');
  await write(subject, '-1h');
  await assert.rejects(house.signInBy(house.beside().leg, house.dana), { code: 'identity_credential_expired' });
  writeFileSync(file, 'no token');
  await assert.rejects(house.signInBy(house.beside().leg, house.dana), { code: 'identity_credential_unusable' });
  await write(subject);
  assert.ok(isIn(await house.signIn(house.dana)), 'and again with the next good one');
});

test('the managed identity of the machine, through a federated credential of the application', async () => {
  const kept = { ...process.env };
  let clientId = '';
  await using house = await startEntraHouse({
    app: { secret: undefined },
    provider: async (entra, app) => {
      const identity = await entra.managedIdentity();
      const issuer = `${entra.origin}/${entra.tenant}/v2.0`;
      app.federated.push({
        id: 'f1',
        name: 'managed identity',
        issuer,
        subject: identity.principalId,
        audiences: ['api://AzureADTokenExchange'],
      });
      Object.assign(process.env, identity.env);
      ({ clientId } = identity);
      return { credential: { managedIdentity: { clientId } } };
    },
  });
  after(() => Object.assign(process.env, kept));
  assert.ok(isIn(await house.signIn(house.dana)));
  assert.deepEqual(proofOf(house), { kind: 'managedIdentity', id: clientId });
});

test('the examples in docs/entra.md are configurations', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../docs/entra.md'), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml!);
  const whole = blocks[0]!;
  const indented = (yaml: string): string => yaml.replaceAll(/^(?=.)/gm, '    ');
  const provider = (yaml: string): string => {
    const replaced = whole
      .split('\n')
      .filter((line) => !yaml.includes(`${line.trim().split(':')[0]}:`) || line.startsWith('i'));
    return replaced.join('\n').trimEnd() + '\n' + indented(yaml);
  };
  assert.equal(blocks.length, 10);
  for (const yaml of blocks) {
    const config = yaml === whole ? yaml : /^(access|trustedProxies):/.test(yaml) ? whole + yaml : provider(yaml);
    const checked = checkConfig('/etc/genkan/genkan.yaml', config);
    assert.ok('config' in checked, `${config}\n${JSON.stringify(checked)}`);
  }
});
