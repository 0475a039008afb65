// Rows: App Configuration, Event Grid, Event Hubs, Service Bus, SignalR, Communication, devices, Datadog.
import { data, destroy, endpoint, group, host, read, resource, subscription, write } from './row.ts';
import type { Row } from './row.ts';
import { countIn, nameIn } from './attributes.ts';
import { tagsIn } from './tags.ts';

// A store is looked for by its name in the whole subscription.
const store = ['Microsoft.AppConfiguration/configurationStores/read'];
const topic = resource('Microsoft.EventGrid/topics/{topic}');
const hubs = 'Microsoft.EventHub/namespaces';
const hubNamespace = resource(`${hubs}/{namespace}`);
const hub = resource(`${hubs}/{namespace}/eventhubs/{eventhub}`);
const consumerGroup = resource(`${hubs}/{namespace}/eventhubs/{eventhub}/consumergroups/{consumer-group}`);
const bus = host('Microsoft.ServiceBus/namespaces', 'namespace');
const communication = endpoint('Microsoft.Communication/CommunicationServices', 'endpoint');

export const integrationRows: Readonly<Record<string, Row>> = {
  appconfig_account_list: read(subscription, store),
  appconfig_kv_get: read(
    subscription,
    [...store, ...data('Microsoft.AppConfiguration/configurationStores/keyValues/read')],
    { words: 'account', inert: 'key label key-filter label-filter' },
  ),
  appconfig_kv_set: write(
    subscription,
    [...store, ...data('Microsoft.AppConfiguration/configurationStores/keyValues/write')],
    { words: 'account', inert: 'key label content-type value tags', attributes: { tags: tagsIn('tags', 'list') } },
  ),
  appconfig_kv_lock_set: write(
    subscription,
    [
      ...store,
      ...data(
        'Microsoft.AppConfiguration/configurationStores/keyValues/read',
        'Microsoft.AppConfiguration/configurationStores/keyValues/write',
      ),
    ],
    { words: 'account', inert: 'key label content-type lock' },
  ),
  appconfig_kv_delete: destroy(
    subscription,
    [...store, ...data('Microsoft.AppConfiguration/configurationStores/keyValues/delete')],
    { words: 'account', inert: 'key label content-type' },
  ),

  eventgrid_topic_list: read(group, ['Microsoft.EventGrid/topics/read']),
  // A topic is looked for among custom and system topics.
  eventgrid_subscription_list: read(
    group,
    [
      'Microsoft.EventGrid/topics/read',
      'Microsoft.EventGrid/topics/eventSubscriptions/read',
      'Microsoft.EventGrid/systemTopics/read',
      'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
    ],
    { words: 'topic location' },
  ),
  eventgrid_events_publish: write(
    topic,
    ['Microsoft.EventGrid/topics/read', ...data('Microsoft.EventGrid/events/send/action')],
    { inert: 'data schema' },
  ),

  eventhubs_namespace_get: read(hubNamespace, [`${hubs}/read`]),
  eventhubs_namespace_update: write(hubNamespace, [`${hubs}/read`, `${hubs}/write`], {
    inert:
      'location sku-name sku-tier sku-capacity is-auto-inflate-enabled maximum-throughput-units kafka-enabled zone-redundant tags',
    attributes: {
      sku: nameIn('sku-name'),
      tier: nameIn('sku-tier'),
      count: countIn('sku-capacity'),
      tags: tagsIn('tags', 'json'),
    },
  }),
  eventhubs_namespace_delete: destroy(hubNamespace, [`${hubs}/read`, `${hubs}/Delete`]),
  eventhubs_eventhub_get: read(hub, [`${hubs}/eventhubs/read`]),
  eventhubs_eventhub_update: write(hub, [`${hubs}/eventhubs/read`, `${hubs}/eventhubs/write`], {
    inert: 'partition-count message-retention-in-hours status',
  }),
  eventhubs_eventhub_delete: destroy(hub, [`${hubs}/eventhubs/read`, `${hubs}/eventhubs/Delete`]),
  eventhubs_eventhub_consumergroup_get: read(consumerGroup, [`${hubs}/eventhubs/consumergroups/read`]),
  eventhubs_eventhub_consumergroup_update: write(
    consumerGroup,
    [`${hubs}/eventhubs/consumergroups/read`, `${hubs}/eventhubs/consumergroups/write`],
    { inert: 'user-metadata' },
  ),
  eventhubs_eventhub_consumergroup_delete: destroy(consumerGroup, [
    `${hubs}/eventhubs/consumergroups/read`,
    `${hubs}/eventhubs/consumergroups/Delete`,
  ]),

  servicebus_queue_details: read(bus, ['Microsoft.ServiceBus/namespaces/queues/read'], { words: 'queue' }),
  servicebus_topic_details: read(bus, ['Microsoft.ServiceBus/namespaces/topics/read'], { words: 'topic' }),
  servicebus_topic_subscription_details: read(bus, ['Microsoft.ServiceBus/namespaces/topics/subscriptions/read'], {
    words: 'topic subscription-name',
  }),

  signalr_runtime_get: read(resource('Microsoft.SignalRService/SignalR/{signalr}'), [
    'Microsoft.SignalRService/SignalR/read',
  ]),

  // Sending goes to people outside and cannot be taken back, whatever the tool's hint says. Azure asks for a write of the
  // service to send with a directory login.
  communication_email_send: write(
    communication,
    ['Microsoft.Communication/CommunicationServices/read', 'Microsoft.Communication/CommunicationServices/write'],
    { inert: 'from sender-name to cc bcc subject message is-html reply-to' },
  ),
  communication_sms_send: write(
    communication,
    ['Microsoft.Communication/CommunicationServices/read', 'Microsoft.Communication/CommunicationServices/write'],
    { inert: 'from to message enable-delivery-report tag' },
  ),

  deviceregistry_namespace_list: read(group, ['Microsoft.DeviceRegistry/namespaces/read']),
  datadog_monitoredresources_list: read(resource('Microsoft.Datadog/monitors/{datadog-resource}'), [
    'Microsoft.Datadog/monitors/read',
    'Microsoft.Datadog/monitors/listMonitoredResources/read',
  ]),
};
