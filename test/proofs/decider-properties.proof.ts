// Properties of decisions, on thousands of policies that chance writes.
import { deciderProperties } from '../support/decider-properties.ts';

deciderProperties(1);
