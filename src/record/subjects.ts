// The keys of people at hand: records are made with them many times a second, and what was destroyed elsewhere is not used for long.
import type { Clock } from '../base/clock.ts';
import type { SubjectKeys } from '../state/subject-keys.ts';
import { createSubject } from './subject.ts';
import type { Subject } from './subject.ts';

export interface Subjects {
  /** The person, if their key is at hand. */
  cached(user: string): Subject | undefined;
  /** The person, their key made if there is none. */
  obtain(user: string): Promise<Subject>;
  /** Undefined for whom there never was a key, or who was erased. */
  find(user: string): Promise<Subject | undefined>;
  /** Pseudonyms of everybody who has a key, and whose they are. */
  pseudonyms(): Promise<Map<string, string>>;
  /** Destroys the key for good. @returns whether there was one */
  destroy(user: string): Promise<boolean>;
}

const freshMs = 30_000;
const most = 10_000;

export function createSubjects(keys: SubjectKeys, clock: Clock): Subjects {
  const known = new Map<string, { readonly key: Buffer; readonly subject: Subject; atMs: number }>();
  /** Of many records of one person at once, the first asks for the key. */
  const asking = new Map<string, Promise<Subject>>();

  function keep(user: string, key: Buffer): Subject {
    const before = known.get(user);
    known.delete(user); // who was used last stands last
    const subject = before?.key.equals(key) === true ? before.subject : createSubject(key);
    if (known.size >= most) known.delete(known.keys().next().value!);
    known.set(user, { key, subject, atMs: clock.now() });
    return subject;
  }

  function cached(user: string): Subject | undefined {
    const entry = known.get(user);
    return entry !== undefined && clock.now() - entry.atMs < freshMs ? entry.subject : undefined;
  }

  return {
    cached,
    async obtain(user) {
      const subject = cached(user);
      if (subject !== undefined) return subject;
      const asked = asking.get(user);
      if (asked !== undefined) return asked;
      const answer = keys.obtain(user).then((key) => keep(user, key));
      asking.set(user, answer);
      return answer.finally(() => asking.get(user) === answer && asking.delete(user));
    },
    async find(user) {
      const subject = cached(user);
      if (subject !== undefined) return subject;
      const key = await keys.find(user);
      if (key !== undefined) return keep(user, key);
      known.delete(user);
      return undefined;
    },
    async pseudonyms() {
      const whose = new Map<string, string>();
      for await (const { user, key } of keys.all()) whose.set(createSubject(key).pseudonym, user);
      return whose;
    },
    destroy(user) {
      known.delete(user);
      asking.delete(user);
      return keys.destroy(user).finally(() => known.delete(user));
    },
  };
}
