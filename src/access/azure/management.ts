// Rows: subscriptions and groups, marketplace, migration, deployment, and tools that only advise.
import { advice, at, group, id, localFiles, own, read, resource, root, subscription, write } from './row.ts';
import type { Row } from './row.ts';

const migrateProject = resource('Microsoft.Migrate/migrateProjects/{migrate-project-name}');

// Azure has no action for its catalogue. What is offered depends on the subscription, private offers included.
const products = ['Microsoft.Resources/subscriptions/read', ...at(own, 'call')];

export const managementRows: Readonly<Record<string, Row>> = {
  subscription_list: read(root, ['Microsoft.Resources/subscriptions/read']),
  group_list: read(subscription, ['Microsoft.Resources/subscriptions/resourceGroups/read']),
  group_resource_list: read(group, ['Microsoft.Resources/subscriptions/resourceGroups/resources/read']),

  // `product-id` goes into the path of a request as it is.
  marketplace_product_get: read(subscription, products, {
    words: 'product-id',
    inert:
      'include-stop-sold-plans language market lookup-offer-in-tenant-level plan-id sku-id include-service-instruction-templates pricing-audience',
  }),
  marketplace_product_list: read(subscription, products, {
    inert: 'language search filter orderby select next-cursor expand',
  }),

  // One tool for six actions, from a look to the creation of a project: asked for is what the strongest needs. It also
  // saves an archive to the server's directory.
  azuremigrate_platformlandingzone_request: write(
    migrateProject,
    [
      'Microsoft.Migrate/migrateProjects/read',
      'Microsoft.Migrate/migrateProjects/write',
      ...at(group, 'Microsoft.Resources/subscriptions/resourceGroups/read'),
      ...at(
        id('migrate-project-resource-id', 'Microsoft.Migrate/migrateProjects'),
        'Microsoft.Migrate/migrateProjects/read',
        'Microsoft.Migrate/migrateProjects/write',
      ),
      ...localFiles,
    ],
    {
      words:
        'action region-type firewall-type network-architecture identity-subscription-id management-subscription-id connectivity-subscription-id security-subscription-id regions environment-name version-control-system organization-name location',
    },
  ),
  azuremigrate_platformlandingzone_getguidance: advice({ words: 'scenario policy-name', inert: 'list-policies' }),

  // Finds a resource group by its tag, reads a project file, then the logs of the group's workspaces.
  deploy_app_logs_get: read(
    subscription,
    [
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Resources/subscriptions/resourceGroups/resources/read',
      'Microsoft.App/containerApps/read',
      'Microsoft.Web/sites/Read',
      'Microsoft.Web/sites/deployments/Read',
      'Microsoft.OperationalInsights/workspaces/read',
      'Microsoft.OperationalInsights/workspaces/query/read',
      ...localFiles,
    ],
    { words: 'azd-env-name', inert: 'workspace-folder limit' },
  ),
  deploy_architecture_diagram_generate: advice({ inert: 'workspaceFolder projectName services' }),
  deploy_iac_rules_get: advice({ inert: 'deployment-tool iac-type resource-types' }),
  deploy_pipeline_guidance_get: advice({ inert: 'is-azd-project pipeline-platform deploy-option' }),
  deploy_plan_get: advice({
    inert:
      'workspace-folder project-name target-app-service provisioning-tool iac-options source-type deploy-option resource-group',
  }),

  // Another program scans every kind of resource and leaves its report in the server's temporary directory.
  extension_azqr: read(group, ['*/read', ...localFiles]),
  extension_cli_generate: advice({ inert: 'intent cli-type' }),
  extension_cli_install: advice({ inert: 'cli-type' }),

  azureterraformbestpractices_get: advice(),
  bicepschema_get: advice({ inert: 'resource-type' }),
  cloudarchitect_design: advice({
    inert: 'question question-number total-questions answer next-question-needed confidence-score state',
  }),
  functions_language_list: advice(),
  functions_project_get: advice({ inert: 'language' }),
  functions_template_get: advice({ inert: 'language template runtime-version' }),
  get_azure_bestpractices_ai_app: advice(),
  get_azure_bestpractices_get: advice({ inert: 'resource action' }),
  pricing_get: advice({
    inert: 'currency sku service region service-family price-type include-savings-plan filter',
  }),
  wellarchitectedframework_serviceguide_get: advice({ inert: 'service' }),
};
