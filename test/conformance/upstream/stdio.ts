// The fixture as a child process; the first message decides the era.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createFixture } from './fixture.ts';

serveStdio(({ era }) => createFixture(era));
