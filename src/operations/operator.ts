// The operator: whoever works at the machine's own command line with the data directory in hand.
import path from 'node:path';
import type { Principal } from '../base/principal.ts';

export const operator: Principal = { id: 'operator', kind: 'operator', name: 'operator', groups: [] };

/** Where the key lies by which a running server knows the operator. Whoever can read it owns the data directory. */
export const operatorKeyFile = (keysDirectory: string): string => path.join(keysDirectory, 'operator.key');
