// The conformance fixture as a child process that speaks 2026-07-28 alone.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createFixture } from '../conformance/upstream/fixture.ts';

serveStdio(() => createFixture('modern'), { legacy: 'reject' });
