// Properties of decisions, on hundreds of policies that chance writes; the proofs take twice as many.
import { deciderProperties } from '../../test/support/decider-properties.ts';

deciderProperties(2);
