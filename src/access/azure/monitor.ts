// Rows: Azure Monitor, Application Insights, workbooks, resource health, Advisor, Grafana.
import {
  advice,
  at,
  destroy,
  everywhereIfCross,
  group,
  id,
  localFiles,
  missing,
  own,
  read,
  resource,
  subscription,
  write,
} from './row.ts';
import type { Row } from './row.ts';

const webTest = resource('Microsoft.Insights/webtests/{webtest-resource}');
const workspace = 'Microsoft.OperationalInsights/workspaces';
const workbook = 'Microsoft.Insights/workbooks';
const component = id('appinsights-component', 'Microsoft.Insights/components');
const logs = ['Microsoft.Insights/logs/read', `${workspace}/query/read`];
// A resource is given by its name; an id in its place is refused, because it may lie outside the resource group.
const byName = { types: 'resource-type', words: 'resource' };

export const monitorRows: Readonly<Record<string, Row>> = {
  monitor_activitylog_list: read(
    group,
    ['Microsoft.Insights/eventtypes/values/Read', 'Microsoft.Resources/subscriptions/resources/read'],
    {
      types: 'resource-type',
      words: 'resource-name event-level',
      inert: 'hours top',
    },
  ),
  monitor_healthmodels_entity_get: read(
    resource('Microsoft.CloudHealth/healthmodels/{health-model}'),
    ['Microsoft.CloudHealth/healthmodels/read', 'Microsoft.CloudHealth/healthmodels/entities/read'],
    { words: 'entity' },
  ),
  monitor_metrics_query: read(
    group,
    ['Microsoft.Insights/metrics/read', 'Microsoft.Resources/subscriptions/resources/read'],
    { ...byName, inert: 'metric-names metric-namespace start-time end-time interval aggregation filter max-buckets' },
  ),
  monitor_metrics_definitions: read(
    group,
    ['Microsoft.Insights/metricDefinitions/read', 'Microsoft.Resources/subscriptions/resources/read'],
    { ...byName, inert: 'metric-namespace search-string limit' },
  ),
  monitor_resource_log_query: read(id('resource-id'), [...logs, everywhereIfCross('query', ...logs)], {
    inert: 'table query hours limit',
  }),
  monitor_workspace_list: read(subscription, [`${workspace}/read`]),
  // The workspace is looked for in the whole subscription, by name or by its own GUID; the resource group is not used.
  monitor_workspace_log_query: read(
    subscription,
    [`${workspace}/read`, `${workspace}/query/read`, ...everywhereIfCross('query', ...logs)],
    { words: 'resource-group workspace', inert: 'table query hours limit' },
  ),
  monitor_table_list: read(group, [`${workspace}/read`, `${workspace}/tables/read`], { words: 'workspace table-type' }),
  monitor_table_type_list: read(group, [`${workspace}/read`, `${workspace}/tables/read`], { words: 'workspace' }),
  monitor_webtests_get: read(webTest, ['Microsoft.Insights/webtests/read']),
  monitor_webtests_createorupdate: write(
    webTest,
    [
      'Microsoft.Insights/webtests/read',
      'Microsoft.Insights/webtests/write',
      ...at(component, 'Microsoft.Insights/components/read', 'Microsoft.Insights/components/write'),
    ],
    {
      inert:
        'location webtest-locations request-url webtest description enabled expected-status-code follow-redirects frequency headers http-verb ignore-status-code parse-requests request-body retry-enabled ssl-check ssl-lifetime-check timeout',
    },
  ),

  'monitor_instrumentation_get-learning-resource': advice({ inert: 'path' }),
  // These read a project's source on the server's machine, remember where they are in it, and say how to change it.
  'monitor_instrumentation_orchestrator-start': write(own, ['call', localFiles], { inert: 'workspace-path' }),
  'monitor_instrumentation_orchestrator-next': write(own, ['call', localFiles], {
    inert: 'session-id completion-note',
  }),
  'monitor_instrumentation_send-brownfield-analysis': write(own, ['call', localFiles], {
    inert: 'session-id findings-json',
  }),
  'monitor_instrumentation_send-enhancement-select': write(own, ['call', localFiles], {
    inert: 'session-id enhancement-keys',
  }),

  applicationinsights_recommendation_list: read(group, [
    'Microsoft.Insights/components/read',
    'Microsoft.Insights/components/api/read',
  ]),

  workbooks_list: read(group, [`${workbook}/read`], {
    inert: 'kind category source-id name-contains modified-after output-format max-results include-total-count',
  }),
  workbooks_show: read(id('workbook-ids', workbook), [`${workbook}/read`]),
  workbooks_create: write(
    group,
    [`${workbook}/read`, `${workbook}/write`, ...at(id('source-id'), `${workbook}/write`)],
    {
      inert: 'display-name serialized-content',
    },
  ),
  workbooks_update: write(id('workbook-id', workbook), [`${workbook}/read`, `${workbook}/write`], {
    inert: 'display-name serialized-content',
  }),
  workbooks_delete: destroy(id('workbook-ids', workbook), [`${workbook}/read`, `${workbook}/delete`]),

  'resourcehealth_availability-status_get': read(group, [
    ...missing('resourceId', 'Microsoft.ResourceHealth/availabilityStatuses/read'),
    ...at(id('resourceId'), 'Microsoft.ResourceHealth/availabilityStatuses/read'),
  ]),
  'resourcehealth_health-events_list': read(subscription, ['Microsoft.ResourceHealth/events/read'], {
    words: 'event-type status tracking-id',
    inert: 'filter query-start-time query-end-time',
  }),

  advisor_recommendation_list: read(group, ['Microsoft.Advisor/recommendations/read']),
  grafana_list: read(subscription, ['Microsoft.Dashboard/grafana/read']),
};
