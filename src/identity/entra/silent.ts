// MSAL writes nothing: what it would log names people and, on request, holds tokens.
import { LogLevel } from '@azure/msal-node';
import type { NodeSystemOptions } from '@azure/msal-node';

export const silent: NonNullable<NodeSystemOptions['loggerOptions']> = {
  loggerCallback: () => {},
  piiLoggingEnabled: false,
  logLevel: LogLevel.Error,
};
