// One message on its way, with who sent it and where its answer goes.
import type { Principal } from '../base/principal.ts';
import type { Arrival } from './arrival.ts';
import type { Reply } from './reply.ts';

export interface Sender {
  readonly arrival: Arrival;
  readonly principal: Principal;
}

export interface Visit<To extends Reply = Reply, Way extends Arrival = Arrival> extends Sender {
  readonly arrival: Way;
  readonly answer: To;
  readonly expiresAtMs: number;
  /** Aborts when the sender may no longer come in; whatever is under way then ends. */
  readonly ended: AbortSignal;
}
