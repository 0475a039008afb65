// Preloaded into every test process: a file whose tests are over, but which something keeps alive, fails and says what.
import hooks from 'node:async_hooks';

const patienceMs = 30_000;

// The runner itself is none of those, and neither is what a test starts with its own options and environment, nor a thread: they do
// without what runs tests, whose loading takes a fifth of the start of a small process.
if (process.env['NODE_TEST_CONTEXT'] === 'child-v8' && /\.(test|proof)\.ts$/.test(process.argv[1] ?? '')) {
  // What runs tests follows every promise until it is collected, to tell to which test an error that nobody caught belongs: up to a
  // third of the time of a test that awaits much. Without it such an error still fails the file.
  const { createHook } = hooks;
  hooks.createHook = (callbacks) => createHook({ ...callbacks, trackPromises: false } as typeof callbacks);
  const { after } = await import('node:test');
  hooks.createHook = createHook;
  after(() => {
    setTimeout(() => {
      const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
      console.error(`a test left something open, which kept its process alive: ${open}`);
      process.exit(1);
    }, patienceMs).unref();
  });
}
