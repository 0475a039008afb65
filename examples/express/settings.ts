// Who signs in, and where Microsoft Graph is. The secret stays where it is; only its place stands here.
import type { ProtectSettings } from 'genkan/express';

const { PUBLIC_URL = 'http://localhost:3001', ENTRA_TENANT = '', ENTRA_CLIENT = '' } = process.env;
const { ENTRA_AUTHORITY, GRAPH_URL = 'https://graph.microsoft.com' } = process.env; // other than the worldwide cloud

export const settings = {
  publicUrl: PUBLIC_URL,
  identity: {
    provider: {
      tenant: ENTRA_TENANT,
      clientId: ENTRA_CLIENT,
      credential: { secret: { source: 'env', name: 'ENTRA_SECRET' } },
      apiScope: `api://${ENTRA_CLIENT}/access`,
      authorityHost: ENTRA_AUTHORITY,
      graphUrl: GRAPH_URL,
    },
  },
} satisfies ProtectSettings;

export const graph = {
  scope: `${GRAPH_URL}/User.Read`,
  profile: `${GRAPH_URL}/v1.0/me?$select=displayName,mail,userPrincipalName`,
};
