// Policies as c2sp.org/tlog-policy writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signCheckpoint } from '../checkpoint.ts';
import { emptyRoot } from '../merkle.ts';
import { createSigner, generateSigningKey, signatureTypes } from '../note.ts';
import { createCosigner } from './cosignature.ts';
import { readPolicy } from './policy.ts';

const log = createSigner(generateSigningKey('front.example/audit/a'));
const note = signCheckpoint(log, 0, emptyRoot);
const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
const cosigners = Object.fromEntries(
  ['X1', 'X2', 'X3', 'Y1', 'Y2'].map((name) => [
    name,
    createCosigner(generateSigningKey(`${name}.example`, signatureTypes.cosignature)),
  ]),
);
const line = (name: string): string => `witness ${name} ${cosigners[name]!.verifierKey} https://${name}.example/\n`;
const example = `# of the auditor\nlog ${log.verifierKey}\n\n${Object.keys(cosigners).map(line).join('')}
  group\tX-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;
const by = (...names: string[]): string =>
  note + names.map((name) => cosigners[name]!.cosign(text, 1_790_000_000)).join('');

test('counts witnesses in groups, as the example of the specification does', () => {
  const policy = readPolicy(example);
  assert.deepEqual(policy.logs, [log.verifierKey]);
  const enough = [
    ['X1', 'X2', 'Y1'],
    ['X1', 'X3', 'Y2'],
    ['X1', 'X2', 'X3', 'Y1', 'Y2'],
  ];
  const few = [[], ['X1', 'X2'], ['X1', 'Y1', 'Y2'], ['Y1', 'Y2'], ['X1', 'X1', 'Y1']];
  for (const names of enough) assert.ok(policy.judge(by(...names)).enough, names.join());
  for (const names of few) assert.ok(!policy.judge(by(...names)).enough, names.join());
  assert.deepEqual(policy.judge(by('Y1')).cosigned, [{ witness: 'Y1', atSeconds: 1_790_000_000 }]);
  assert.ok(readPolicy('quorum none\n').judge(note).enough);
});

test('refuses what the specification does not allow, and says in which line', () => {
  const wrong: [RegExp, string][] = [
    [/no quorum/, line('X1')],
    [/line 3.*another quorum/, `${line('X1')}quorum X1\nquorum none\n`],
    [/line 1.*not defined before/, `quorum X1\n${line('X1')}`],
    [/line 2.*key is there twice/, `${line('X1')}${line('X1').replace('X1', 'X9')}quorum none\n`],
    [/line 2.*name X1 is taken/, `${line('X1')}${line('X2').replace('witness X2', 'witness X1')}quorum none\n`],
    [/name none is taken/, `${line('X1').replace('witness X1', 'witness none')}quorum none\n`],
    [/member twice/, `${line('X1')}group g any X1\ngroup h any X1 g\nquorum h\n`],
    [/2 of 1 cannot be/, `${line('X1')}group g 2 X1\nquorum g\n`],
    [/0 of 1 cannot be/, `${line('X1')}group g 0 X1\nquorum g\n`],
    [/none of log, witness, group and quorum/, `${line('X1')}group g any\nquorum g\n`],
    [/malformed/, `witness X1 ${log.verifierKey}\nquorum none\n`],
    [/control character/, 'quorum none\r\n'],
  ];
  for (const [reason, policy] of wrong) assert.throws(() => readPolicy(policy), reason, policy);
});
