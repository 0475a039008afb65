// The check of each declared type.
import { emailCheck, hostCheck, urlCheck } from './host.ts';
import { pathCheck } from './path.ts';
import { unseen } from './rule.ts';
import type { Check } from './rule.ts';
import type { TypeSettings } from './settings.ts';
import { shellCheck } from './shell.ts';
import { sqlCheck } from './sql.ts';

export interface TypedCheck {
  readonly type: TypeSettings['type'];
  readonly check: Check;
  /** Numbers and truth values need no quotes and can do no harm. */
  readonly takesNumbers: boolean;
}

/** @param wish whether a server wishes for it, who need not know where its callers may go, but can narrow that */
export function checkOf(declared: TypeSettings, wish: boolean): TypedCheck {
  const { type } = declared;
  const takesNumbers = type === 'sql' && declared.allows === 'literal';
  return { type, takesNumbers, check: byType(declared, wish) };
}

function byType(declared: TypeSettings, wish: boolean): Check {
  switch (declared.type) {
    case 'path': {
      const { platform, roots = wish ? undefined : [], relative = (declared.roots ?? []).length === 0 } = declared;
      return pathCheck({ platform, roots, relative });
    }
    case 'url':
      return urlCheck(declared);
    case 'host': {
      const check = hostCheck(declared);
      return (value) => (unseen.test(value) ? 'control' : check(value));
    }
    case 'email':
      return emailCheck(declared);
    case 'shell':
      return shellCheck(declared);
    case 'sql':
      return sqlCheck(declared);
  }
}
