// Roles that ship with Genkan: Azure's under their Azure names, and our own.
import { azureRoles } from './azure-roles.ts';
import { createRole } from './role.ts';
import type { Role } from './role.ts';

const ownRoles = [
  {
    Name: 'MCP User',
    Description: 'Uses every tool, prompt and resource of the servers at whose scope it is assigned.',
    Actions: ['mcp/servers/*'],
    AssignableScopes: ['/'],
  },
  {
    Name: 'Genkan Operator',
    Description: 'Administers Genkan itself. Grants no use of any server.',
    Actions: ['genkan/*'],
    AssignableScopes: ['/'],
  },
  {
    Name: 'Genkan Auditor',
    Description:
      'Reads and verifies the audit log, sees settings, roles and assignments, explains decisions. Changes nothing.',
    Actions: [
      'genkan/audit/query',
      'genkan/audit/verify',
      'genkan/audit/prove',
      'genkan/audit/checkpoint',
      'genkan/audit/witness',
      'genkan/access/explain',
      'genkan/*/list',
      'genkan/*/show',
      'genkan/*/read',
    ],
    AssignableScopes: ['/'],
  },
  {
    Name: 'Genkan Approver',
    Description:
      'Sees and decides what waits for an approval, and the items of access reviews. Decides only what a policy names them as approver or reviewer of.',
    Actions: [
      'genkan/approval/*',
      'genkan/elevation/list',
      'genkan/elevation/show',
      'genkan/review/list',
      'genkan/review/show',
      'genkan/review/decide',
    ],
    AssignableScopes: ['/'],
  },
];

/** Azure's and our own built-in roles, freshly compiled. */
export const createBuiltInRoles = (): Role[] =>
  [...azureRoles, ...ownRoles].map((role) => createRole(role, 'built-in', {}));
