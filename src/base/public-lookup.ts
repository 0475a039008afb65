// Looking names up for addresses that strangers chose: whatever a name turns to, an inner address is not connected to.
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { addressClass } from './address-class.ts';

/** All addresses of a name, as the system finds them. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

export type Lookup = (
  host: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** To be given to a connection, which then uses what was checked: a name cannot turn to another address in between. */
export const publicLookup =
  (resolve: Resolve = systemLookup): Lookup =>
  (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const permitted = found.filter(({ address }) => addressClass(address) === 'public');
      const [first] = permitted;
      if (first === undefined) return callback(new Error(`${host} is at an inner address`), '');
      if (options.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
