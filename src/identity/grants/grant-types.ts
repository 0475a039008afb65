// Grants that only agents have, as their RFCs spell them.
export const grantTypes = {
  clientCredentials: 'client_credentials', // RFC 6749 §4.4
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange', // RFC 8693
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer', // RFC 7523 §2.1
} as const;
