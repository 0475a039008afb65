// Which action a finding calls for: by direction, server, tool and caller. The first override that fits counts.
import type { Direction } from '../direction.ts';
import type { Action, ExaminationSettings } from './settings.ts';

/** Who says something to whom. */
export interface Speech {
  readonly server: string;
  /** The tool, prompt or resource that it is about, where it is about one. */
  readonly name?: string | undefined;
  readonly groups: readonly string[];
  /** Principal id of whoever hears it. */
  readonly person?: string | undefined;
  /** Roles by which the call was allowed. */
  readonly roles?: readonly string[] | undefined;
}

export interface Actions {
  readonly suspicious: Action;
  readonly certain: Action;
}

export interface Policy {
  actionsIn(direction: Direction, speech: Speech): Actions;
  /** JSON Pointers of what of its results may pass; undefined where everything may. */
  fieldsOf(server: string, name: string): readonly (readonly string[])[] | undefined;
  maxCharacters(speech: Speech): number;
}

export function createPolicy({ shield, fields, resultSizes, maxResultCharacters }: ExaminationSettings): Policy {
  const overrides = shield.overrides.map(({ match, ...actions }) => ({ ...match, isAbout: compile(match), actions }));
  const kept = fields.map(({ match, keep }) => ({ isAbout: compile(match), keep: keep.map(tokensOf) }));
  const sizes = resultSizes.map(({ match, maxCharacters }) => ({ isAbout: compile(match), maxCharacters }));
  return {
    actionsIn(direction, { server, name, groups, roles = [] }) {
      const usual = shield[direction];
      const found = overrides.find(
        (each) =>
          each.directions?.includes(direction) !== false &&
          each.isAbout(server, name) &&
          each.groups?.some((group) => groups.includes(group)) !== false &&
          each.roles?.some((role) => roles.includes(role)) !== false,
      );
      if (found === undefined) return usual;
      const { suspicious = usual.suspicious, certain = usual.certain } = found.actions;
      return { suspicious, certain };
    },
    fieldsOf: (server, name) => kept.find(({ isAbout }) => isAbout(server, name))?.keep,
    maxCharacters: ({ server, name }) =>
      sizes.find(({ isAbout }) => isAbout(server, name))?.maxCharacters ?? maxResultCharacters,
  };
}

interface Match {
  readonly servers?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
}

/** What names tools fits nothing that belongs to none. */
function compile({ servers, tools }: Match): (server: string, name: string | undefined) => boolean {
  return (server, name) =>
    servers?.some((pattern) => fits(pattern, server)) !== false &&
    tools?.some((pattern) => name !== undefined && fits(pattern, name)) !== false;
}

/** `*` stands for anything, also for nothing. Each piece is looked for once, from where the one before it ended. */
export function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

/** RFC 6901 §4. */
const tokensOf = (pointer: string): readonly string[] =>
  pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
