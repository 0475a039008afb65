// The journey of the demo through an elevation: refused, requested, approved by somebody else, done, ended, refused again.
import assert from 'node:assert/strict';
import { genkan } from '../../test/support/trial-process.ts';
import { headingOf, textOf } from '../../test/support/sign-in-walk.ts';
import { beginningOf, call, ownWords, reasonOf, refusalOf, subscription } from './calling.ts';
import { personBrowser } from './person-browser.ts';
import type { Page } from './person-browser.ts';
import { connectAs } from './person-client.ts';
import type { PersonClient } from './person-client.ts';
import type { Transcript } from './transcript.ts';

interface ElevationJourneyOptions {
  readonly publicUrl: string;
  readonly revision: string;
  /** Data directory of the trial, for its audit log. */
  readonly data: string;
}

/** What a refused call says of a role that would help. */
interface Hint {
  readonly role: string;
  readonly request: string;
}

const tool = 'compute_vm_delete';
const machine = { subscription, 'resource-group': 'dev-web', 'vm-name': 'web-1' };

export async function elevationJourney(transcript: Transcript, options: ElevationJourneyOptions): Promise<void> {
  const { publicUrl, revision } = options;
  transcript.heading('Elevation: dana needs for an hour what her role leaves out, and sena decides');
  const dana = await connectAs({
    url: `${publicUrl}/mcp/azure`,
    revision,
    person: 'dana',
    onQuestion: () => undefined,
  });
  try {
    await goThrough(dana, transcript, options);
  } finally {
    await dana.close();
  }
}

async function goThrough(
  { client }: PersonClient,
  { step }: Transcript,
  { publicUrl, data }: ElevationJourneyOptions,
): Promise<void> {
  const hers = personBrowser(publicUrl, 'dana');
  let hint: Hint | undefined;
  let waiting: Page | undefined;

  await step(`${tool} in dev-web is refused, and the refusal says where to ask`, async () => {
    const error = await refusalOf(client, tool, machine);
    hint = (error.data as { elevation?: Hint[] }).elevation?.[0];
    assert.equal(hint?.role, 'Virtual Machine Contributor');
    return `${hint.role}: ${hint.request}`;
  });
  await step('dana opens that address, shows a second factor and asks', async () => {
    const form = await hers.open(hint!.request);
    const eligibility = /name="eligibility" value="([^"]+)"/.exec(form.html)![1]!;
    const wish = { duration: 'PT1H', justification: 'web-1 does not answer any more' };
    const scope = `/subscriptions/${subscription}/resourceGroups/dev-web`;
    waiting = await hers.submit(form, { ...wish, eligibility, scope, decision: 'request' });
    assert.match(waiting.url.pathname, /^\/approvals\//);
    assert.match(textOf(waiting.html), /Nobody approves their own request/);
    return `${form.signIn} pages of sign-in, then “${headingOf(form.html)}” → ${waiting.url.href}`;
  });
  await step('to have asked is not to have', async () => {
    const error = await refusalOf(client, tool, machine);
    assert.equal(reasonOf(error), 'access_action_excluded');
    return error.message;
  });
  await step('sena opens the request, shows a second factor and approves', async () => {
    const theirs = personBrowser(publicUrl, 'sena');
    const asked = await theirs.open(waiting!.url.href);
    assert.match(textOf(asked.html), /dana@example\.com.*web-1 does not answer any more/);
    const decided = await theirs.submit(asked, { decision: 'approve', comment: 'go on' });
    assert.match(textOf(decided.html), /State approved.*sena@example\.com/);
    return `“${headingOf(asked.html)}”: approved by sena@example.com`;
  });
  await step(`${tool} in dev-web reaches the Azure server`, async () => {
    const text = await call(client, tool, machine);
    assert.match(text, ownWords);
    return `it answers: ${beginningOf(text)}`;
  });
  await step(`${tool} in prod-web is still refused`, async () => {
    const error = await refusalOf(client, tool, { ...machine, 'resource-group': 'prod-web' });
    return error.message;
  });
  await step('dana ends it before its time, and is refused from then on', async () => {
    const page = await hers.open(`${publicUrl}/elevation`);
    await hers.submit(page, { decision: 'end' });
    const error = await refusalOf(client, tool, machine);
    assert.equal(reasonOf(error), 'access_action_excluded');
    return error.message;
  });
  await step('audit list tells the story', async () => {
    const { output } = await genkan('audit', 'list', '--json', '--limit', '30', '--data', data);
    const { records } = JSON.parse(output) as { records: AuditRecord[] };
    const from = records.findIndex(({ action }) => action === 'elevation.request');
    const story = records.slice(Math.max(0, from - 1)).filter(isTold);
    const acts = story.map(({ action, result }) => `${action} ${result}`);
    for (const act of told) assert.ok(acts.includes(act), `there is no record of ${act}: ${acts.join(', ')}`);
    return story.map(lineOf).join('\n');
  });
}

interface AuditRecord {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: string;
}

const told = [
  'elevation.request allowed',
  'elevation.start allowed',
  'approval.approve allowed',
  'tools/call allowed',
  'elevation.end allowed',
  'tools/call denied',
];

/** What was meant to be done stands in the log before it is done; here what came of it is enough. */
const isTold = ({ action, resource, result }: AuditRecord): boolean =>
  result !== 'intent' &&
  (/^(elevation|approval)\.(request|start|end|approve)$/.test(action) || resource.includes(tool));

const lineOf = ({ timestamp, user, action, result }: AuditRecord): string =>
  `${new Date(timestamp).toISOString()} ${user.split('#').at(-1)} ${action} ${result}`;
