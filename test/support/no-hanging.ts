// Preloaded into every test process: a file whose tests are over, but which something keeps alive, fails and says what.

const patienceMs = 30_000;

// The runner itself is none of those, and neither is what a test starts with its own options and environment, nor a thread: they do
// without what runs tests, whose loading takes a fifth of the start of a small process.
if (process.env['NODE_TEST_CONTEXT'] === 'child-v8' && /\.(test|proof)\.ts$/.test(process.argv[1] ?? '')) {
  const { after } = await import('node:test');
  after(() => {
    setTimeout(() => {
      const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
      console.error(`a test left something open, which kept its process alive: ${open}`);
      process.exit(1);
    }, patienceMs).unref();
  });
}

export {};
