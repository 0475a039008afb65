// What a recorded action is in the words of others: its OCSF class and activity, and its ASIM event type. The one table that all formats are made from.
import { recordedActions } from '../../actions.ts';
import type { OcsfActivity } from './ocsf-classes.ts';

/** `Logon`, `Logoff` and `Elevate` are events of ASIM's Authentication, all others of AuditEvent. */
export type AsimType =
  | 'Logon'
  | 'Logoff'
  | 'Elevate'
  | 'Set'
  | 'Read'
  | 'Create'
  | 'Delete'
  | 'Execute'
  | 'Clear'
  | 'Enable'
  | 'Disable'
  | 'Other';

export interface Kind {
  /** For people who read, e.g. `Role: assign`. */
  readonly title: string;
  readonly ocsf: OcsfActivity;
  readonly asim: AsimType;
  /** Somebody should look at it, whatever came of it. */
  readonly grave?: true;
}

type Row = readonly [...ocsf: OcsfActivity, asim: AsimType, grave?: 'grave'];

/** What reads says so in its name, wherever it stands. */
const reading = new Set([
  'analyze',
  'channels',
  'check',
  'diff',
  'explain',
  'export',
  'export-proof',
  'get',
  'list',
  'plan',
  'preview',
  'prove',
  'query',
  'read',
  'result',
  'schema',
  'show',
  'simulate',
  'stats',
  'test',
  'validate',
  'verify',
]);

/** What an operation does to its noun, by its verb, where the noun is nothing that OCSF has a class for. */
const changing: Readonly<Record<string, Row>> = {
  add: ['entity', 'Create', 'Create'],
  apply: ['entity', 'Update', 'Set'],
  approve: ['entity', 'Enable', 'Enable'],
  clear: ['entity', 'Update', 'Clear'],
  create: ['entity', 'Create', 'Create'],
  delete: ['entity', 'Delete', 'Delete'],
  deny: ['entity', 'Disable', 'Disable'],
  disable: ['entity', 'Disable', 'Disable'],
  enable: ['entity', 'Enable', 'Enable'],
  expire: ['entity', 'Delete', 'Delete'],
  extend: ['entity', 'Update', 'Set'],
  forget: ['entity', 'Delete', 'Delete'],
  grant: ['entity', 'Create', 'Create'],
  place: ['entity', 'Create', 'Create'],
  prune: ['entity', 'Delete', 'Clear'],
  reject: ['entity', 'Disable', 'Disable'],
  release: ['entity', 'Delete', 'Delete'],
  remove: ['entity', 'Delete', 'Delete'],
  request: ['entity', 'Create', 'Create'],
  reset: ['entity', 'Update', 'Clear'],
  restore: ['entity', 'Enable', 'Enable'],
  revert: ['entity', 'Update', 'Set'],
  review: ['entity', 'Update', 'Set'],
  revoke: ['entity', 'Delete', 'Delete'],
  rotate: ['entity', 'Update', 'Set'],
  set: ['entity', 'Update', 'Set'],
  setup: ['entity', 'Update', 'Set'],
  start: ['lifecycle', 'Start', 'Other'],
  stop: ['lifecycle', 'Stop', 'Other'],
  switch: ['entity', 'Update', 'Set'],
  token: ['session', 'Assign Privileges', 'Create'],
  undo: ['entity', 'Update', 'Set'],
  update: ['entity', 'Update', 'Set'],
  withdraw: ['entity', 'Delete', 'Delete'],
  withdrawn: ['entity', 'Delete', 'Delete'],
};

const call: Row = ['api', 'Read', 'Read'];

const rows: Readonly<Record<string, Row>> = {
  // MCP: what clients ask of servers, and what servers ask and say.
  'tools/call': ['api', 'by effect', 'Execute'],
  initialize: ['api', 'Create', 'Other'],
  'server/discover': call,
  'subscriptions/listen': ['api', 'Subscribe', 'Other'],
  'resources/subscribe': ['api', 'Subscribe', 'Other'],
  'resources/unsubscribe': ['api', 'Unsubscribe', 'Other'],
  'resources/templates/list': call,
  'completion/complete': call,
  'tasks/update': ['api', 'Update', 'Set'],
  'tasks/cancel': ['api', 'Delete', 'Execute'],
  'logging/setLevel': ['api', 'Update', 'Set'],
  ping: call,
  'roots/list': call,
  'sampling/createMessage': ['api', 'Sample', 'Execute'],
  'elicitation/create': ['api', 'Ask', 'Execute'],
  'mcp/answer': ['api', 'Answer', 'Other'],
  'session/end': ['api', 'Delete', 'Other'],
  'session/foreign': ['detection', 'Create', 'Other', 'grave'],
  mcp: ['api', 'Other', 'Other'],
  'http.get': ['api', 'Other', 'Other'],
  'http.post': ['api', 'Other', 'Other'],
  'http.delete': ['api', 'Other', 'Other'],
  api: ['api', 'Other', 'Other'],
  // Sign-in, tokens, consent.
  'identity.signIn': ['authentication', 'Logon', 'Logon'],
  'identity.signOut': ['authentication', 'Logoff', 'Logoff'],
  'identity.stepUp': ['authentication', 'Logon', 'Elevate'],
  'identity.conditionalAccess': ['authentication', 'Preauth', 'Logon'],
  'identity.authorize': ['authentication', 'Preauth', 'Other'],
  'identity.consent': ['session', 'Assign Privileges', 'Set'],
  'identity.tokenIssued': ['session', 'Assign Privileges', 'Create'],
  'identity.tokenRefreshed': ['session', 'Assign Privileges', 'Create'],
  'identity.tokenMinted': ['session', 'Assign Privileges', 'Create'],
  'identity.tokenNotIssued': ['session', 'Assign Privileges', 'Create'],
  'identity.tokenExchanged': ['session', 'Assign Privileges', 'Logon'],
  'identity.tokenOnBehalf': ['session', 'Assign Privileges', 'Logon'],
  'identity.agentToken': ['session', 'Assign Privileges', 'Logon'],
  'identity.assertionAccepted': ['session', 'Assign Privileges', 'Logon'],
  'identity.tokenRefused': ['authentication', 'Logon', 'Logon'],
  'identity.refreshReused': ['detection', 'Create', 'Logon', 'grave'],
  'identity.grantRevoked': ['authentication', 'Logoff', 'Logoff'],
  'identity.clientRegistered': ['entity', 'Create', 'Create'],
  'identity.clientRefused': ['entity', 'Create', 'Create'],
  'session.revoke': ['authentication', 'Logoff', 'Logoff'],
  // People and groups, by hand and from a directory.
  'principal.disable': ['account', 'Disable', 'Disable'],
  'principal.enable': ['account', 'Enable', 'Enable'],
  'principal.forget': ['account', 'Delete', 'Delete'],
  'audit.erase-subject': ['account', 'Delete', 'Delete'],
  'scim.user.created': ['account', 'Create', 'Create'],
  'scim.user.replaced': ['account', 'Update', 'Set'],
  'scim.user.changed': ['account', 'Update', 'Set'],
  'scim.user.deleted': ['account', 'Delete', 'Delete'],
  'scim.group.created': ['group', 'Create', 'Create'],
  'scim.group.replaced': ['group', 'Update', 'Set'],
  'scim.group.changed': ['group', 'Update', 'Set'],
  'scim.group.deleted': ['group', 'Delete', 'Delete'],
  'scim.refused': ['authentication', 'Logon', 'Logon'],
  // What people may do.
  'role.assign': ['userAccess', 'Assign Privileges', 'Create'],
  'role.unassign': ['userAccess', 'Revoke Privileges', 'Delete'],
  'exclusion.remove': ['userAccess', 'Assign Privileges', 'Delete'],
  'eligibility.add': ['userAccess', 'Assign Privileges', 'Create'],
  'eligibility.remove': ['userAccess', 'Revoke Privileges', 'Delete'],
  'elevation.request': ['userAccess', 'Assign Privileges', 'Create'],
  'elevation.start': ['userAccess', 'Assign Privileges', 'Elevate'],
  'elevation.extend': ['userAccess', 'Assign Privileges', 'Set'],
  'elevation.extended': ['userAccess', 'Assign Privileges', 'Set'],
  'elevation.end': ['userAccess', 'Revoke Privileges', 'Delete'],
  'break-glass.open': ['userAccess', 'Assign Privileges', 'Create', 'grave'],
  'break-glass.start': ['userAccess', 'Assign Privileges', 'Elevate', 'grave'],
  'break-glass.extended': ['userAccess', 'Assign Privileges', 'Set', 'grave'],
  'break-glass.end': ['userAccess', 'Revoke Privileges', 'Delete'],
  'review.start': ['compliance', 'Create', 'Create'],
  'review.decide': ['compliance', 'Update', 'Set'],
  'review.complete': ['compliance', 'Close', 'Set'],
  // What Genkan found out, and what it does by itself.
  'pin/change': ['detection', 'Create', 'Other', 'grave'],
  'pin/first-contact': ['entity', 'Enroll', 'Enable'],
  'limits/refused': ['api', 'Other', 'Other'],
  'limits/apart': ['fault', 'General Error', 'Other'],
  'limits/forgotten': ['fault', 'General Error', 'Other'],
  'limits/together': ['lifecycle', 'Enable', 'Enable'],
  'record.gap': ['fault', 'General Error', 'Other', 'grave'],
  'export.behind': ['fault', 'General Error', 'Other'],
  'export.recovered': ['lifecycle', 'Enable', 'Enable'],
  'export.refused': ['fault', 'General Error', 'Other'],
  'export.setAside': ['fault', 'General Error', 'Other'],
  'export.ahead': ['fault', 'General Error', 'Other', 'grave'],
  'export.missed': ['fault', 'General Error', 'Other', 'grave'],
  'audit.tiles': call,
  'witness.refuse': ['detection', 'Create', 'Other', 'grave'],
  'secret.use': ['entity', 'Read', 'Read'],
  'notice.test': ['api', 'Create', 'Execute'],
};

const exact = new Map(Object.entries(rows));
const byVerb = new Map(Object.entries(changing));

/** Actions that the table names; others are told by their verb. */
export const namedActions: readonly string[] = [...exact.keys()];

export const unknownKind: Kind = { title: 'Other request', ocsf: ['api', 'Other'], asim: 'Other' };

/** An operation with a verb of its own, by what it does to the world. */
const byEffect = {
  read: call,
  write: ['entity', 'Update', 'Set'],
  destroy: ['entity', 'Delete', 'Delete'],
} as const satisfies Record<string, Row>;

const known = new Map<string, Kind>();
// Actions of Genkan are some hundred; those that clients make up must not fill the memory.
const maxKnown = 1000;

export function kindOf(action: string, effect?: keyof typeof byEffect): Kind {
  const before = known.get(action);
  if (before !== undefined) return before;
  const row = rowOf(action);
  if (row === undefined) {
    if (effect !== undefined && operation.test(action)) return read(action, byEffect[effect]);
    return Object.hasOwn(recordedActions, action) ? read(action, ['api', 'Other', 'Other']) : unknownKind;
  }
  const kind = read(action, row);
  if (known.size < maxKnown) known.set(action, kind);
  return kind;
}

const operation = /^[a-z][a-z-]{0,30}\.[a-z][a-z-]{0,30}$/;

const read = (action: string, [className, activity, asim, grave]: Row): Kind => ({
  title: titleOf(action),
  ocsf: [className, activity],
  asim,
  ...(grave !== undefined && { grave: true }),
});

function rowOf(action: string): Row | undefined {
  const named = exact.get(action);
  if (named !== undefined) return named;
  if (/^notifications\/[a-z_/]{1,48}$/.test(action)) return ['api', 'Notify', 'Other'];
  const [, separator, verb] = /^[a-z][a-zA-Z-]{0,30}([./])([a-z][a-z-]{0,30})$/.exec(action) ?? [];
  if (verb === undefined) return undefined;
  if (reading.has(verb)) return call;
  return separator === '.' ? byVerb.get(verb) : undefined;
}

/** `identity.tokenIssued` → `Identity: token issued`. */
function titleOf(action: string): string {
  const [first = '', ...rest] = action
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('-', ' ')
    .split(/[./]/);
  const noun = first.slice(0, 1).toUpperCase() + first.slice(1);
  return rest.length === 0 ? noun : `${noun}: ${rest.join(' ')}`;
}
