// What redaction looks for: every rule by name, with the group that says what happens to its finds by default.

/** Secrets open doors, numbers identify a person or an account for life, contacts reach a person. */
export type Group = 'secrets' | 'numbers' | 'contacts';

export const ruleGroups = {
  'azure-storage-key': 'secrets',
  'azure-key': 'secrets',
  'azure-sas-signature': 'secrets',
  'azure-devops-token': 'secrets',
  'azure-databricks-token': 'secrets',
  'entra-client-secret': 'secrets',
  'aws-access-key': 'secrets',
  'aws-secret-key': 'secrets',
  'google-key': 'secrets',
  'github-token': 'secrets',
  'gitlab-token': 'secrets',
  'slack-token': 'secrets',
  webhook: 'secrets',
  'stripe-key': 'secrets',
  'npm-token': 'secrets',
  'pypi-token': 'secrets',
  'openai-key': 'secrets',
  'anthropic-key': 'secrets',
  'hugging-face-token': 'secrets',
  'sendgrid-key': 'secrets',
  'twilio-key': 'secrets',
  'telegram-bot-token': 'secrets',
  'private-key': 'secrets',
  jwt: 'secrets',
  'bearer-token': 'secrets',
  'basic-credentials': 'secrets',
  'url-password': 'secrets',
  password: 'secrets',
  secret: 'secrets',
  'kubernetes-secret': 'secrets',
  card: 'numbers',
  iban: 'numbers',
  'my-number': 'numbers',
  'kr-resident-number': 'numbers',
  'cn-resident-id': 'numbers',
  'tw-national-id': 'numbers',
  passport: 'numbers',
  email: 'contacts',
  phone: 'contacts',
} as const satisfies Record<string, Group>;

export type Rule = keyof typeof ruleGroups;
export const rules = Object.keys(ruleGroups) as [Rule, ...Rule[]];

/** A stretch that a rule has found, in UTF-16 positions; `to` is exclusive. */
export interface Hit {
  readonly from: number;
  readonly to: number;
  readonly rule: Rule;
  /** What may stand there instead. */
  readonly mask: string;
  /** Where the stretch is an encoded text with hits of its own. */
  readonly inner?: Encoded;
}

export interface Encoded {
  readonly text: string;
  readonly hits: readonly Hit[];
  /** More of the same may stand behind it, as behind a slice: four characters stay three bytes. */
  readonly goesOn: boolean;
  readonly encode: (text: string) => string;
}

export type Report = (from: number, to: number, rule: Rule, mask: string) => void;
