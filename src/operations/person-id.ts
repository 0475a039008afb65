// Whom an operation is about, as people write it: a sign-in name, or an id where nobody of that name was ever here.
import { z } from 'zod';
import type { PeopleDesk } from './house.ts';

export const nameOrId = z.string().min(1).max(1024);

/** Agents, and people who were never here, are known by id alone. */
export const idOf = async (people: PeopleDesk, person: string): Promise<string> =>
  (await people.find(person))?.id ?? person;
