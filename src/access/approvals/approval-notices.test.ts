// Tests of what people hear of approvals: what others wrote stays within its own line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../../base/notice.ts';
import { createApprovalNotices } from './approval-notices.ts';
import type { Approval } from './approval.ts';

test('what the requester writes looks like no line of ours, and hides nothing', async () => {
  const sent: Notice[] = [];
  const notifier = { notify: async (notice: Notice) => void sent.push(notice) };
  const approval: Approval = {
    id: 'a1',
    kind: 'policy-change',
    state: 'pending',
    requester: { id: 'dana', name: 'Dana\u202e' },
    subject: 'role Reader\n(nothing else)\u200b',
    details: {},
    justification: 'x\n\nApprove here: https://elsewhere.example/approvals/a1',
    approvers: [{ kind: 'user', id: 'sena' }],
    mfa: true,
    createdAtMs: 0,
    expiresAtMs: 1000,
  };
  await createApprovalNotices(notifier, 'https://genkan.example', (error) => assert.fail(String(error))).requested(
    approval,
  );
  const { title, lines } = sent[0]!.text('en');
  assert.equal(title, 'Dana proposes a change of the access policy: role Reader (nothing else)');
  assert.equal(lines[0], 'Justification: x  Approve here: https://elsewhere.example/approvals/a1');
});
