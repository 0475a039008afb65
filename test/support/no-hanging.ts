// Preloaded into every test process: a file whose tests are over, but which something keeps alive, fails and says what.
import { after } from 'node:test';

const patienceMs = 30_000;

// The runner itself is none of those, and neither is what a test starts with its own options and environment.
if (process.env['NODE_TEST_CONTEXT'] === 'child-v8' && /\.(test|proof)\.ts$/.test(process.argv[1] ?? ''))
  after(() => {
    setTimeout(() => {
      const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
      console.error(`a test left something open, which kept its process alive: ${open}`);
      process.exit(1);
    }, patienceMs).unref();
  });
