// Rows: App Service, Functions, load tests, App Lens.
import { at, data, group, own, read, resource, write } from './row.ts';
import type { Row } from './row.ts';

const site = resource('Microsoft.Web/sites/{app}');
const loadTest = resource('Microsoft.LoadTestService/loadTests/{test-resource-name}');

export const webRows: Readonly<Record<string, Row>> = {
  appservice_webapp_get: read(site, ['Microsoft.Web/sites/Read']),
  appservice_webapp_deployment_get: read(resource('Microsoft.Web/sites/{app}/deployments/{deployment-id}'), [
    'Microsoft.Web/sites/Read',
    'Microsoft.Web/sites/deployments/Read',
  ]),
  appservice_webapp_diagnostic_list: read(site, ['Microsoft.Web/sites/Read', 'Microsoft.Web/sites/detectors/read']),
  appservice_webapp_diagnostic_diagnose: read(
    site,
    ['Microsoft.Web/sites/Read', 'Microsoft.Web/sites/detectors/read'],
    {
      words: 'detector-id interval',
      inert: 'start-time end-time',
    },
  ),
  // Settings hold connection strings, so Azure makes reading them an action of its own.
  'appservice_webapp_settings_get-appsettings': read(site, [
    'Microsoft.Web/sites/Read',
    'Microsoft.Web/sites/config/list/Action',
  ]),
  'appservice_webapp_settings_update-appsettings': write(
    site,
    ['Microsoft.Web/sites/Read', 'Microsoft.Web/sites/config/list/Action', 'Microsoft.Web/sites/config/Write'],
    { inert: 'setting-name setting-value setting-update-type' },
  ),
  appservice_database_add: write(
    site,
    [
      'Microsoft.Web/sites/Read',
      'Microsoft.Web/sites/config/Read',
      'Microsoft.Web/sites/config/list/Action',
      'Microsoft.Web/sites/config/Write',
    ],
    { inert: 'database-type database-server database connection-string' },
  ),
  functionapp_get: read(resource('Microsoft.Web/sites/{function-app}'), ['Microsoft.Web/sites/Read']),

  // Without a type the resource is looked for among web apps, clusters and API gateways; App Lens then reads its diagnostics.
  applens_resource_diagnose: read(
    group,
    [
      'Microsoft.Web/sites/Read',
      'Microsoft.Web/sites/detectors/read',
      'Microsoft.ContainerService/managedClusters/read',
      'Microsoft.ContainerService/managedClusters/detectors/read',
      'Microsoft.ApiManagement/service/read',
      ...at(own, 'call'),
    ],
    { types: 'resource-type', words: 'resource', inert: 'question' },
  ),

  loadtesting_testresource_list: read(loadTest, ['Microsoft.LoadTestService/loadTests/read']),
  loadtesting_testresource_create: write(loadTest, [
    'Microsoft.LoadTestService/loadTests/read',
    'Microsoft.LoadTestService/loadTests/write',
    ...at(group, 'Microsoft.Resources/subscriptions/resourceGroups/read'),
  ]),
  loadtesting_test_get: read(
    loadTest,
    ['Microsoft.LoadTestService/loadTests/read', ...data('Microsoft.LoadTestService/loadtests/readTest/action')],
    { words: 'test-id' },
  ),
  // `endpoint` is what the load is aimed at, not where the request is sent.
  loadtesting_test_create: write(
    loadTest,
    [
      'Microsoft.LoadTestService/loadTests/read',
      ...data(
        'Microsoft.LoadTestService/loadtests/readTest/action',
        'Microsoft.LoadTestService/loadtests/writeTest/action',
      ),
    ],
    { words: 'test-id', inert: 'description display-name endpoint virtual-users duration ramp-up-time' },
  ),
  loadtesting_testrun_get: read(
    loadTest,
    ['Microsoft.LoadTestService/loadTests/read', ...data('Microsoft.LoadTestService/loadtests/readTest/action')],
    { words: 'testrun-id test-id' },
  ),
  loadtesting_testrun_createorupdate: write(
    loadTest,
    [
      'Microsoft.LoadTestService/loadTests/read',
      ...data(
        'Microsoft.LoadTestService/loadtests/readTest/action',
        'Microsoft.LoadTestService/loadtests/writeTest/action',
      ),
    ],
    { words: 'testrun-id test-id old-testrun-id', inert: 'display-name description' },
  ),
};
