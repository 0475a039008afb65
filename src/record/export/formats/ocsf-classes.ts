// The classes of OCSF 1.8.0 that Genkan writes, with the activities of each that it uses. Facts from the schema at schema.ocsf.io (Apache-2.0).

export const ocsfVersion = '1.8.0';

export type OcsfClass = keyof typeof ocsfClasses;

/** Class and activity, by the caption of the schema; an activity that the class does not have becomes 99, Other, by its own name. */
export type OcsfActivity = readonly [OcsfClass, activity: string];

interface ClassOfEvents {
  readonly uid: number;
  readonly name: string;
  readonly category: readonly [uid: number, name: string];
  readonly activities: Readonly<Record<string, number>>;
}

const findings = [2, 'Findings'] as const;
const iam = [3, 'Identity & Access Management'] as const;
const application = [6, 'Application Activity'] as const;
const finding = { Create: 1, Update: 2, Close: 3 };

export const ocsfClasses = {
  api: {
    uid: 6003,
    name: 'API Activity',
    category: application,
    activities: { Create: 1, Read: 2, Update: 3, Delete: 4 },
  },
  lifecycle: {
    uid: 6002,
    name: 'Application Lifecycle',
    category: application,
    activities: { Start: 3, Stop: 4, Enable: 6 },
  },
  fault: { uid: 6008, name: 'Application Error', category: application, activities: { 'General Error': 1 } },
  account: {
    uid: 3001,
    name: 'Account Change',
    category: iam,
    activities: { Create: 1, Enable: 2, Disable: 5, Delete: 6 },
  },
  authentication: {
    uid: 3002,
    name: 'Authentication',
    category: iam,
    activities: { Logon: 1, Logoff: 2, Preauth: 6 },
  },
  session: { uid: 3003, name: 'Authorize Session', category: iam, activities: { 'Assign Privileges': 1 } },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    category: iam,
    activities: { Create: 1, Read: 2, Update: 3, Delete: 4, Enroll: 6, Enable: 8, Disable: 9 },
  },
  userAccess: {
    uid: 3005,
    name: 'User Access Management',
    category: iam,
    activities: { 'Assign Privileges': 1, 'Revoke Privileges': 2 },
  },
  group: {
    uid: 3006,
    name: 'Group Management',
    category: iam,
    activities: { 'Assign Privileges': 1, 'Revoke Privileges': 2, Delete: 5, Create: 6 },
  },
  compliance: { uid: 2003, name: 'Compliance Finding', category: findings, activities: finding },
  detection: { uid: 2004, name: 'Detection Finding', category: findings, activities: finding },
} as const satisfies Readonly<Record<string, ClassOfEvents>>;

export interface Classification {
  readonly activity_id: number;
  readonly activity_name: string;
  readonly category_uid: number;
  readonly category_name: string;
  readonly class_uid: number;
  readonly class_name: string;
  readonly type_uid: number;
  readonly type_name: string;
}

export function classify([name, activity]: OcsfActivity): Classification {
  const { uid, name: className, category, activities }: ClassOfEvents = ocsfClasses[name];
  const id = Object.hasOwn(activities, activity) ? activities[activity]! : 99;
  return {
    activity_id: id,
    activity_name: activity,
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: className,
    type_uid: uid * 100 + id,
    type_name: `${className}: ${id === 99 ? 'Other' : activity}`,
  };
}
