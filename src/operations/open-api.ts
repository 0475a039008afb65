// The description of the REST API (OpenAPI 3.1), made from the registry.
import { z } from 'zod';
import type { AnyOperation } from './operation.ts';

/** @param publicUrl address of the API's origin, without a final slash */
export function openApi(operations: readonly AnyOperation[], publicUrl: string): Record<string, unknown> {
  const offered = operations.filter(({ doors }) => doors.includes('rest'));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Genkan',
      version: '1',
      description: 'Administration of the front door for MCP servers. Errors are problem details (RFC 9457).',
    },
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }],
    tags: [...new Set(offered.map(nounOf))].map((name) => ({ name })),
    paths: Object.fromEntries(offered.map((operation) => [routeOf(operation), { post: describe(operation) }])),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: `Access token for the resource ${publicUrl}/api (RFC 6750, RFC 8707).`,
        },
      },
      schemas: { Problem: problem },
    },
  };
}

/** Path of an operation's route. */
export const routeOf = ({ id }: Pick<AnyOperation, 'id'>): string => `/api/${id.replace('.', '/')}`;

const nounOf = ({ id }: AnyOperation): string => id.split('.')[0]!;

const describe = (operation: AnyOperation): Record<string, unknown> => ({
  operationId: operation.id,
  tags: [nounOf(operation)],
  summary: operation.summary,
  description: [
    operation.audience === 'anybody'
      ? 'Open to whoever is signed in, for what is their own.'
      : `Needs the action \`${operation.action}\` at \`/\`.`,
    `Effect: ${operation.effect}.`,
    ...(operation.about === undefined ? [] : [operation.about]),
  ].join(' '),
  requestBody: { required: false, content: { 'application/json': { schema: schemaOf(operation.input, 'input') } } },
  responses: {
    200: { description: 'Done.', content: { 'application/json': { schema: schemaOf(operation.output, 'output') } } },
    default: {
      description: 'Refused or failed.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string', description: 'What happened.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What to do about it.' },
    code: { type: 'string', description: 'Stable error code.' },
  },
};
