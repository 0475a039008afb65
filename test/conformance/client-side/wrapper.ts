// What the official suite starts as "the client": hands the scenario to the desk of the runner, where Genkan and a client wait.
const { MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_PROTOCOL_VERSION, MCP_CONFORMANCE_CONTEXT = '{}' } = process.env;
const [desk = '', serverUrl] = process.argv.slice(2);

const answer = await fetch(desk, {
  method: 'POST',
  body: JSON.stringify({
    scenario: MCP_CONFORMANCE_SCENARIO,
    revision: MCP_CONFORMANCE_PROTOCOL_VERSION,
    serverUrl,
    context: JSON.parse(MCP_CONFORMANCE_CONTEXT) as unknown,
  }),
});
console.log(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
