// What the Entra stand-in says about itself: OpenID configuration of a tenant, and the aliases of its host.

/** @param version `v2` with the issuer of v2 tokens, `v1` with that of v1 tokens */
export function openIdConfiguration(origin: string, tenant: string, version: 'v1' | 'v2'): object {
  // For several tenants the issuer is a template; each token names its own tenant.
  const named = ['common', 'organizations', 'consumers'].includes(tenant) ? '{tenantid}' : tenant;
  const [oauth, issuer] =
    version === 'v2'
      ? [`${origin}/${tenant}/oauth2/v2.0`, `${origin}/${named}/v2.0`]
      : [`${origin}/${tenant}/oauth2`, `https://sts.windows.net/${named}/`];
  return {
    token_endpoint: `${oauth}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenant}/discovery/${version === 'v2' ? 'v2.0/' : ''}keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer,
    request_uri_parameter_supported: false,
    userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    authorization_endpoint: `${oauth}/authorize`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${oauth}/logout`,
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
    ],
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
  };
}

export function instanceDiscovery(origin: string, authorizationEndpoint: string | null): object {
  const { host } = new URL(origin);
  const tenant = /^https:\/\/[^/]+\/([^/]+)\//.exec(authorizationEndpoint ?? '')?.[1] ?? 'common';
  return {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
