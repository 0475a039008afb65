// An outlet in front of another: what passes is looked at first, how far its client is with reading is the other's to say.
import type { Outlet } from './conversation.ts';

export function through(outlet: Outlet, interim: Outlet['interim']): Outlet {
  return {
    get closed() {
      return outlet.closed;
    },
    get behind() {
      return outlet.behind;
    },
    interim,
  };
}
