// Properties of decisions, on a few of the policies that chance writes; the proofs take many more.
import { deciderProperties } from '../../test/support/decider-properties.ts';

deciderProperties(5);
