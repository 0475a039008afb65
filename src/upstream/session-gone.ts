// The fault of a message that a server refused because it does not know the session any more: nothing was carried out.
import { GenkanError } from '../base/errors.ts';

export class SessionGone extends GenkanError {
  constructor(server: string) {
    super('upstream_unavailable', { server }, { detail: 'its session is gone' });
  }
}
