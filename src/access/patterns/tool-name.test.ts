// What names of tools mean, and which mean nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readToolName } from './tool-name.ts';

const meant = (name: string): string => {
  const { verb, resource } = readToolName(name) ?? {};
  return verb === undefined ? 'nothing' : `${resource ?? '-'}/${verb}`;
};

test('names of every style of API are read', () => {
  const expected: Readonly<Record<string, string>> = {
    getIssue: 'issue/read',
    list_issues: 'issue/read',
    'list-repositories': 'repository/read',
    issues_create: 'issue/write',
    issue_read: 'issue/read',
    'delete-branch': 'branch/delete',
    'GET /repos/{owner}/issues': 'repos-issue/read',
    'DELETE /x/:id': 'x/delete',
    'repos.branches.list': 'repos-branch/read',
    createPullRequestReview: 'pull-request-review/write',
    listHTTPServers: 'http-server/read',
    merge_pull_request: 'pull-request/action',
    search: '-/read',
    compute_vm_delete: 'compute-vm/delete',
    get_status: 'status/read',
    list_addresses: 'address/read',
  };
  for (const [name, meaning] of Object.entries(expected)) assert.equal(meant(name), meaning, name);
});

test('the worse of two verbs counts, and a deletion wherever it stands', () => {
  assert.equal(meant('get_or_create_issue'), 'or-create-issue/write');
  assert.equal(meant('get_and_delete_issue'), 'and-delete-issue/delete');
  assert.equal(meant('list_issues_then_purge'), 'issues-then-purge/delete');
  assert.equal(meant('get_removed_items'), 'removed-item/read');
});

test('a name without a verb that is known means nothing, and neither does one of other letters', () => {
  for (const name of [
    '',
    'issue',
    'query_database',
    'gett_issue',
    'gеt_issue',
    'get\u200b_issue',
    'get_issue\n',
    '*',
    '/',
    'get'.repeat(50),
  ])
    assert.equal(meant(name), 'nothing', name);
});

test('no name means something of the surfaces of a server, and none makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('get_tools', 'get_resources', 'list_prompts', 'getToolss')),
      (name) => {
        const resource = readToolName(name)?.resource;
        assert.ok(
          resource === undefined ||
            (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(resource) && !/^(tools|prompts|resources)$/.test(resource)),
        );
      },
    ),
    { numRuns: 2000 },
  );
});
