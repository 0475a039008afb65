// A record on its way out, with whatever is to be different about it.
import type { ExportedRecord } from '../../src/record/export/sink.ts';
import { auditEntry } from './audit-directory.ts';

export function exportedRecord(changes: Partial<ExportedRecord> = {}): ExportedRecord {
  const { index = 0 } = changes;
  return {
    ...auditEntry(),
    details: { tool: 'compute_vm_update' },
    actor: { kind: 'user', name: 'dana@contoso.com' },
    server: 'azure',
    tool: 'compute_vm_update',
    effect: 'write',
    actionRequired: [
      { action: 'Microsoft.Compute/virtualMachines/write', data: false, scope: '/subscriptions/1/resourceGroups/web' },
    ],
    because: [{ assignment: 'a1', role: 'Virtual Machine Contributor', scope: '/' }],
    groups: ['ops'],
    rules: ['office-hours'],
    findings: [{ kind: 'secret', rule: 'aws-key', action: 'redact', score: 0.9 }],
    durationMs: 12.5,
    bytesIn: 120,
    bytesOut: 4096,
    subject: 'p:abc',
    arguments: { bytes: 10, digest: 'abc' },
    ...changes,
    index,
    eventId: changes.eventId ?? `genkan.test/audit+0a1b2c3d/${index}`,
  };
}
