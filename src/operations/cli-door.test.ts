// The command line without a process: words in, text and exit code out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standInHouse } from '../../test/support/operations-house.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { runCli } from './cli-door.ts';
import type { CliNeighbours, Place } from './cli-door.ts';
import type { Desk } from './house.ts';
import { operations } from './registry.ts';
import type { RunningServer } from './running.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  readonly steps: readonly string[];
  readonly places: readonly Place[];
}

interface Surroundings {
  readonly language?: Language;
  readonly running?: RunningServer;
  readonly openHouse?: CliNeighbours['openHouse'];
  readonly ownRecords?: true;
  readonly desk?: Partial<Desk>;
}

async function genkan(
  words: readonly string[],
  { language = 'en', running, openHouse, ownRecords, desk }: Surroundings = {},
): Promise<Ran> {
  const { house: standIn, steps } = standInHouse();
  const house = { ...standIn, search: () => Promise.resolve({ columns: [], rows: [] }) };
  const [out, error, places]: [string[], string[], Place[]] = [[], [], []];
  const code = await runCli(words, {
    out: (text) => out.push(text),
    error: (text) => error.push(text),
    language,
    processes: [{ command: 'start', summary: 'Start Genkan' }],
    openDesk: async () => ({ ...house, ...desk }),
    findRunning: async () => running,
    ...(ownRecords && { ownRecords }),
    async openElsewhere(at) {
      steps.push(`at ${at}`);
      if (running === undefined) return refuse('remote_address_invalid', { address: at });
      return { perform: running.perform, [Symbol.asyncDispose]: async () => void steps.push('leave') };
    },
    openHouse:
      openHouse ??
      (async (place) => {
        places.push(place);
        return { ...house, close: async () => void steps.push('close') };
      }),
  });
  return { code, out: out.join('\n'), error: error.join('\n'), steps, places };
}

test('every command of --help is an operation of the registry or starts a process, and none is missing', async () => {
  const { code, out } = await genkan(['--help']);
  assert.equal(code, 0);
  const shown = [...out.matchAll(/^ {2}genkan (\S+(?: \S+)?) {2}/gm)].map(([, command]) => command);
  const expected = operations.filter(({ doors }) => doors.includes('cli')).map(({ id }) => id.replace('.', ' '));
  assert.deepEqual(shown.sort(), ['start', ...expected].sort());
});

test('every command explains itself and its options', async () => {
  for (const { id, summary } of operations) {
    const { code, out } = await genkan([...id.split('.'), '--help']);
    assert.equal(code, 0);
    assert.ok(out.startsWith(`${summary}.\n`), id);
    assert.doesNotMatch(out, /undefined|\[object/, id);
  }
});

test('opens the house where no server runs, prints a table and closes the house again', async () => {
  const { code, out, steps } = await genkan(['server', 'list']);
  assert.equal(code, 0);
  assert.match(out, /^NAME {3}KIND {3}STATE {2}OPEN/);
  assert.equal(steps.at(-1), 'close');
});

test('lets nothing that came from outside move the cursor of the terminal', async () => {
  assert.doesNotMatch((await genkan(['server', 'list'])).out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  assert.doesNotMatch((await genkan(['role', 'show', 'x\u001b[2J'])).error, /\u001b/);
});

test('closes the house also after a refusal', async () => {
  const { code, steps } = await genkan(['server', 'add', '--name', 'taken', '--url', 'http://127.0.0.1:1/mcp']);
  assert.equal(code, 3);
  assert.equal(steps.at(-1), 'close');
});

test('prints JSON with --json, errors included', async () => {
  const { out } = await genkan(['server', 'list', '--json']);
  assert.equal((JSON.parse(out) as { servers: unknown[] }).servers.length, 1);
  const { error, code } = await genkan(['role', 'show', 'nobody', '--json']);
  assert.equal((JSON.parse(error) as { code: string }).code, 'operation_not_found');
  assert.equal(code, 2);
});

test('ends with 2 and a suggestion for a mistyped noun, verb or option', async () => {
  const suggestions: [string[], RegExp][] = [
    [['rol', 'list'], /Did you mean "role list"\?/],
    [['role', 'asign'], /Did you mean "role assign"\?/],
    [['strat'], /Did you mean "start"\?/],
    [['role', 'assign', '--rol', 'x'], /Did you mean --role\?/],
    [['frobnicate'], /There is no operation "frobnicate"/],
    [['role', 'list', 'surplus'], /"surplus" is not expected/],
    [['role', 'assign', '--role'], /--role needs a value/],
    [['role', 'list', '--json=yes'], /--json takes no value/],
    [['role', 'assign', '--role', 'a', '--role', 'b'], /--role is given twice/],
    [['access', 'explain', '--args', '{'], /--args is not JSON/],
    [['audit', 'list', '--limit', 'many'], /limit/],
    [['audit', 'list', '--result', 'fine'], /result/],
    [['role', 'assign', '--role', 'x', '--scope', '/'], /give one of group, user and application/],
  ];
  for (const [words, expected] of suggestions) {
    const { code, error } = await genkan(words);
    assert.match(error, expected, words.join(' '));
    assert.equal(code, 2, words.join(' '));
  }
});

test('speaks the language of the person', async () => {
  assert.match((await genkan(['rol', 'list'], { language: 'ja' })).error, /「role list」のことですか/);
  assert.match((await genkan(['rol', 'list'], { language: 'zh-Hant' })).error, /您是指「role list」嗎/);
});

test('ends with 4 when the audit log does not hold', async () => {
  const { code, out } = await genkan(['audit', 'verify']);
  assert.equal(code, 4);
  assert.match(out, /does NOT hold:\n {2}record 0: the content was changed/);
});

test('carries out operations on files itself, even while a server runs', async () => {
  const running: RunningServer = { pid: 1, perform: () => assert.fail('not for the server') };
  assert.equal((await genkan(['audit', 'checkpoint'], { running })).code, 0);
});

test('has the house look into the record, which puts on record who looked for what; only one’s own records are read as files', async () => {
  for (const words of [
    ['audit', 'list', '--user', 'dana'],
    ['audit', 'query', 'MCPAuditLog | take 1'],
  ]) {
    const asked: unknown[] = [];
    const running: RunningServer = {
      pid: 1,
      perform: async ({ id }, input) => (
        asked.push([id, input]),
        { ok: true, output: { records: [], columns: [], rows: [] } }
      ),
    };
    assert.equal((await genkan(words, { running })).code, 0);
    assert.deepEqual(asked, [
      [words.slice(0, 2).join('.'), words[1] === 'list' ? { user: 'dana' } : { query: words[2] }],
    ]);
    const alone = await genkan(words);
    assert.deepEqual([alone.code, alone.places.length, alone.steps.at(-1)], [0, 1, 'close'], alone.error);
    const own = await genkan(words, {
      running: { pid: 1, perform: () => assert.fail('not for the server') },
      ownRecords: true,
    });
    assert.deepEqual([own.code, own.places.length], [0, 0], own.error);
  }
});

test('has a proof made where the record is, on record there, and writes it to a file here', async () => {
  const sent: unknown[] = [];
  const written: string[][] = [];
  const running: RunningServer = {
    pid: 1,
    perform: async (_, input) => (sent.push(input), { ok: true, output: { proof: 'the proof' } }),
  };
  const desk = { files: { read: () => '', write: (...given: string[]) => void written.push(given) } };
  for (const where of [[], ['--at', 'x.example']]) {
    const { code, out } = await genkan(['audit', 'prove', '7', '--out', 'a.proof', ...where], { running, desk });
    assert.deepEqual([code, out], [0, 'written to a.proof']);
  }
  assert.deepEqual(sent, [{ index: 7 }, { index: 7 }]);
  assert.deepEqual(written, [
    ['a.proof', 'the proof'],
    ['a.proof', 'the proof'],
  ]);
});

test('reads a copy as files, whatever server its files name, and says that nobody records it', async () => {
  const { house } = standInHouse();
  const search = () => Promise.resolve({ columns: [], rows: [] });
  const desk = { audit: house.audit, search, isCopy: () => Promise.resolve(true) };
  const running: RunningServer = { pid: 1, perform: () => assert.fail('not for the server') };
  for (const words of [['list'], ['query', 'MCPAuditLog']]) {
    const { code, error, places } = await genkan(['audit', ...words], { running, desk });
    assert.deepEqual([code, places], [0, []]);
    assert.match(error, /^Read from a copy, .* on no record\.$/);
  }
});

test('hands everything else to the server that runs, and takes its refusals as they come', async () => {
  const asked: unknown[] = [];
  const running: RunningServer = {
    pid: 1,
    async perform({ id }, input, language) {
      asked.push([id, input, language]);
      return { ok: false, code: 'upstream_name_taken', status: 409, message: 'Taken.', hint: 'Choose.' };
    },
  };
  const words = ['server', 'add', '--name', 'x', '--url', 'http://127.0.0.1:1/mcp', '--allow', 'makers', 'doers'];
  const { code, error, steps } = await genkan(words, { running, language: 'ko' });
  assert.deepEqual(asked, [
    ['server.add', { name: 'x', url: 'http://127.0.0.1:1/mcp', allow: ['makers', 'doers'] }, 'ko'],
  ]);
  assert.equal(code, 3);
  assert.equal(error, 'Taken.\nChoose.');
  assert.deepEqual(steps, []);
});

test('with --at works elsewhere, whatever there is here, and takes its answer as it comes', async () => {
  const running: RunningServer = {
    pid: 1,
    perform: async ({ id }) => ({ ok: false, code: 'access_approval_own', status: 403, message: id, hint: 'Ask.' }),
  };
  const { code, error, steps, places } = await genkan(['approval', 'approve', 'a', '--at', 'x.example'], { running });
  assert.equal(code, 3);
  assert.equal(error, 'approval.approve\nAsk.');
  assert.deepEqual(steps, ['at x.example', 'leave']);
  assert.deepEqual(places, []);
});

test('with --at refuses what is for the machine itself, and an address that is none', async () => {
  for (const [words, expected] of [
    [['config', 'validate', '--at', 'x.example'], /"config validate" is done at the machine/],
    [['role', 'list', '--at', 'x.example', '--config', 'a.yaml'], /--config is for a Genkan here/],
    [['role', 'list', '--at', 'http://x.example'], /"http:\/\/x\.example" is not the address/],
  ] as const) {
    const { code, error } = await genkan(words);
    assert.equal(code, 2);
    assert.match(error, expected);
  }
  assert.doesNotMatch((await genkan(['config', 'validate', '--help'])).out, /--at/);
  assert.match((await genkan(['role', 'list', '--help'])).out, /--at/);
});

test('passes on which configuration and data directory are meant', async () => {
  const { places } = await genkan(['role', 'list', '--config', 'a.yaml', '--data', 'b']);
  assert.equal(places[0]?.config, 'a.yaml');
  assert.equal(places[0]?.data, 'b');
});

test('ends with 1 when Genkan itself is at fault', async () => {
  const openHouse = () => Promise.reject(new GenkanError('record_unavailable'));
  const { code, error } = await genkan(['role', 'list'], { openHouse });
  assert.equal(code, 1);
  assert.match(error, /could not be recorded/);
});
