// Rows: Cosmos DB, SQL, MySQL, PostgreSQL, Redis, Data Explorer.
import {
  at,
  destroy,
  endpoint,
  everywhereIfCross,
  given,
  group,
  host,
  missing,
  own,
  read,
  resource,
  subscription,
  write,
} from './row.ts';
import type { Need, Row } from './row.ts';
import { countIn, nameIn, prefixOfRange, switchIn } from './attributes.ts';

const cosmos = host('Microsoft.DocumentDB/databaseAccounts', 'account');
// Cosmos decides about its data by roles of its own. In Azure's words, what lets one read all of it is reading its keys.
const cosmosData = [
  'Microsoft.DocumentDB/databaseAccounts/read',
  'Microsoft.DocumentDB/databaseAccounts/readonlykeys/action',
];
const cosmosKey = given('auth-method', 'Microsoft.DocumentDB/databaseAccounts/listKeys/action');

const sqlServer = resource('Microsoft.Sql/servers/{server}');
const sqlDatabase = resource('Microsoft.Sql/servers/{server}/databases/{database}');
const sqlSettings = 'sku-name sku-tier sku-capacity collation max-size-bytes zone-redundant read-scale';
const sqlSku = { sku: nameIn('sku-name'), tier: nameIn('sku-tier'), count: countIn('sku-capacity') };
const elasticPool = given('elastic-pool-name', 'Microsoft.Sql/servers/elasticPools/read');

// Tables and rows of these are reached at {server}.mysql.… with the login in `user`, wherever the server lies, and no
// action of Azure stands for that: the tool itself must be granted too.
const direct: readonly Need[] = at(own, 'call');
const mySql = host('Microsoft.DBforMySQL/flexibleServers', 'server');
const mySqlServer = resource('Microsoft.DBforMySQL/flexibleServers/{server}');
const postgres = host('Microsoft.DBforPostgreSQL/flexibleServers', 'server');
const postgresServer = resource('Microsoft.DBforPostgreSQL/flexibleServers/{server}');
const login = 'resource-group user';

// A cluster is looked for by its name in the whole subscription. Its databases decide by roles of their own.
const kustoActions = ['Microsoft.Kusto/clusters/read', 'Microsoft.Kusto/clusters/databases/read'];
const kustoCluster = endpoint('Microsoft.Kusto/clusters', 'cluster-uri');
const kusto: readonly Need[] = [
  ...direct,
  ...missing('cluster-uri', at(subscription, ...kustoActions)),
  ...given('cluster-uri', at(kustoCluster, ...kustoActions)),
];

export const databaseRows: Readonly<Record<string, Row>> = {
  cosmos_list: read(
    subscription,
    [
      ...missing('account', 'Microsoft.DocumentDB/databaseAccounts/read'),
      ...given('account', at(cosmos, ...cosmosData)),
      ...at(cosmos, cosmosKey),
    ],
    { words: 'database' },
  ),
  cosmos_database_container_item_query: read(cosmos, [...cosmosData, cosmosKey], {
    words: 'database container',
    inert: 'query',
  }),

  sql_server_get: read(sqlServer, ['Microsoft.Sql/servers/read']),
  sql_server_create: write(sqlServer, ['Microsoft.Sql/servers/read', 'Microsoft.Sql/servers/write'], {
    inert: 'administrator-login administrator-password location version public-network-access',
    attributes: { publicNetworkAccess: switchIn('public-network-access', false) },
  }),
  sql_server_delete: destroy(sqlServer, ['Microsoft.Sql/servers/read', 'Microsoft.Sql/servers/delete'], {
    inert: 'force',
  }),
  'sql_server_entra-admin_list': read(sqlServer, [
    'Microsoft.Sql/servers/read',
    'Microsoft.Sql/servers/administrators/read',
  ]),
  'sql_server_firewall-rule_list': read(sqlServer, [
    'Microsoft.Sql/servers/read',
    'Microsoft.Sql/servers/firewallRules/read',
  ]),
  'sql_server_firewall-rule_create': write(
    resource('Microsoft.Sql/servers/{server}/firewallRules/{firewall-rule-name}'),
    ['Microsoft.Sql/servers/firewallRules/read', 'Microsoft.Sql/servers/firewallRules/write'],
    {
      inert: 'start-ip-address end-ip-address',
      attributes: { sourcePrefix: prefixOfRange('start-ip-address', 'end-ip-address') },
    },
  ),
  'sql_server_firewall-rule_delete': destroy(
    resource('Microsoft.Sql/servers/{server}/firewallRules/{firewall-rule-name}'),
    ['Microsoft.Sql/servers/firewallRules/read', 'Microsoft.Sql/servers/firewallRules/delete'],
  ),
  'sql_elastic-pool_list': read(sqlServer, ['Microsoft.Sql/servers/read', 'Microsoft.Sql/servers/elasticPools/read']),
  sql_db_get: read(sqlDatabase, ['Microsoft.Sql/servers/databases/read']),
  sql_db_create: write(
    sqlDatabase,
    ['Microsoft.Sql/servers/databases/read', 'Microsoft.Sql/servers/databases/write', ...at(sqlServer, elasticPool)],
    { words: 'elastic-pool-name', inert: sqlSettings, attributes: sqlSku },
  ),
  sql_db_update: write(
    sqlDatabase,
    ['Microsoft.Sql/servers/databases/read', 'Microsoft.Sql/servers/databases/write', ...at(sqlServer, elasticPool)],
    { words: 'elastic-pool-name', inert: sqlSettings, attributes: sqlSku },
  ),
  sql_db_rename: write(sqlDatabase, [
    'Microsoft.Sql/servers/databases/read',
    'Microsoft.Sql/servers/databases/write',
    'Microsoft.Sql/servers/databases/move/action',
    ...at(
      resource('Microsoft.Sql/servers/{server}/databases/{new-database-name}'),
      'Microsoft.Sql/servers/databases/read',
      'Microsoft.Sql/servers/databases/write',
    ),
  ]),
  sql_db_delete: destroy(sqlDatabase, [
    'Microsoft.Sql/servers/databases/read',
    'Microsoft.Sql/servers/databases/delete',
  ]),

  mysql_list: read(
    subscription,
    [
      ...missing('server', at(group, 'Microsoft.DBforMySQL/flexibleServers/read')),
      ...given('server', at(mySql, 'Microsoft.DBforMySQL/flexibleServers/read'), direct),
    ],
    { words: 'user database' },
  ),
  mysql_database_query: read(mySql, ['Microsoft.DBforMySQL/flexibleServers/read', ...direct], {
    words: `${login} database`,
    inert: 'query',
  }),
  mysql_table_schema_get: read(mySql, ['Microsoft.DBforMySQL/flexibleServers/read', ...direct], {
    words: `${login} database table`,
  }),
  mysql_server_config_get: read(mySqlServer, ['Microsoft.DBforMySQL/flexibleServers/read'], { words: 'user' }),
  mysql_server_param_get: read(
    mySqlServer,
    ['Microsoft.DBforMySQL/flexibleServers/read', 'Microsoft.DBforMySQL/flexibleServers/configurations/read'],
    { words: 'user param' },
  ),
  mysql_server_param_set: write(
    mySqlServer,
    [
      'Microsoft.DBforMySQL/flexibleServers/read',
      'Microsoft.DBforMySQL/flexibleServers/configurations/read',
      'Microsoft.DBforMySQL/flexibleServers/configurations/write',
    ],
    { words: 'user param', inert: 'value' },
  ),

  postgres_list: read(
    subscription,
    [
      ...missing('server', at(group, 'Microsoft.DBforPostgreSQL/flexibleServers/read')),
      ...given('server', at(postgres, 'Microsoft.DBforPostgreSQL/flexibleServers/read'), direct),
    ],
    { words: 'user database auth-type', inert: 'password' },
  ),
  postgres_database_query: read(postgres, ['Microsoft.DBforPostgreSQL/flexibleServers/read', ...direct], {
    words: `${login} database auth-type`,
    inert: 'password query',
  }),
  postgres_table_schema_get: read(postgres, ['Microsoft.DBforPostgreSQL/flexibleServers/read', ...direct], {
    words: `${login} database auth-type table`,
    inert: 'password',
  }),
  postgres_server_config_get: read(postgresServer, ['Microsoft.DBforPostgreSQL/flexibleServers/read'], {
    words: 'user',
  }),
  postgres_server_param_get: read(
    postgresServer,
    ['Microsoft.DBforPostgreSQL/flexibleServers/read', 'Microsoft.DBforPostgreSQL/flexibleServers/configurations/read'],
    { words: 'user param' },
  ),
  postgres_server_param_set: write(
    postgresServer,
    [
      'Microsoft.DBforPostgreSQL/flexibleServers/read',
      'Microsoft.DBforPostgreSQL/flexibleServers/configurations/read',
      'Microsoft.DBforPostgreSQL/flexibleServers/configurations/write',
    ],
    { words: 'user param', inert: 'value' },
  ),

  redis_list: read(subscription, [
    'Microsoft.Cache/redis/read',
    'Microsoft.Cache/redis/accessPolicyAssignments/read',
    'Microsoft.Cache/redisEnterprise/read',
    'Microsoft.Cache/redisEnterprise/databases/read',
  ]),
  // Sent as a deployment of a template.
  redis_create: write(
    resource('Microsoft.Cache/redisEnterprise/{resource}'),
    [
      'Microsoft.Cache/redisEnterprise/read',
      'Microsoft.Cache/redisEnterprise/write',
      'Microsoft.Cache/redisEnterprise/databases/write',
      ...at(
        group,
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Resources/deployments/read',
        'Microsoft.Resources/deployments/write',
      ),
    ],
    {
      inert: 'sku location access-keys-authentication public-network-access modules',
      attributes: {
        sku: nameIn('sku', 'Balanced_B0'),
        publicNetworkAccess: switchIn('public-network-access', false),
      },
    },
  ),

  kusto_cluster_list: read(subscription, ['Microsoft.Kusto/clusters/read']),
  kusto_cluster_get: read(subscription, ['Microsoft.Kusto/clusters/read'], { words: 'cluster' }),
  kusto_database_list: read(subscription, [kusto], { words: 'cluster' }),
  kusto_table_list: read(subscription, [kusto], { words: 'cluster database' }),
  kusto_table_schema: read(subscription, [kusto], { words: 'cluster database table' }),
  kusto_sample: read(subscription, [kusto], { words: 'cluster database table', inert: 'limit' }),
  kusto_query: read(subscription, [kusto, everywhereIfCross('query', ...kustoActions)], {
    words: 'cluster database',
    inert: 'query',
  }),
};
