// Addresses that what leaves the house may be sent to.
import { z } from 'zod';
import { isLoopback } from '../../base/loopback.ts';

/** Whether what is sent there cannot be read on the way. */
function isSafe(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname));
}

export const safeUrl = z
  .string()
  .max(2048)
  .refine(isSafe, 'write an https: address without a password in it; http: is for this machine alone');
