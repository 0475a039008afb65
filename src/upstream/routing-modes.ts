// Refuses modes of the Azure MCP Server in which one tool chooses another command after we have decided about the first.

/**
 * What is wrong with a command line that starts the Azure MCP Server, or `undefined`.
 * In its modes `single`, `namespace` and `consolidated` a tool takes the real command as an argument, so that a decision
 * about the tool would say nothing about what runs. Only `--mode all` exposes every command under its own name.
 * A shell's command line is looked into as well; a script that hides the call is not (the action map refuses its tools).
 */
export function routingModeProblem(command: readonly string[]): string | undefined {
  const words = command.flatMap((argument) => argument.split(/[\s"'`;&|()]+/)).filter((word) => word !== '');
  const server = words.findIndex((word) => azureServer.test(word));
  if (server === -1) return undefined;
  const options = words.slice(server + 1);
  // Its command line parser also reads further arguments from a file named `@file`.
  if (options.some((word) => word.startsWith('@')))
    return 'write the arguments of the Azure MCP Server out, without @file';
  const modes = options.flatMap((word, index) => {
    if (word === '--mode') return [options[index + 1]];
    const joined = /^--mode[=:](.*)$/.exec(word);
    return joined === null ? [] : [joined[1]];
  });
  if (modes.length === 1 && modes[0] === 'all') return undefined;
  return 'start the Azure MCP Server with "--mode all"; in other modes a tool chooses the real command after the decision';
}

/** The npm package and its binaries, the container image, the .NET tool and the Python package. */
const azureServer = /(^|[\\/@])(azmcp|azure[\\/.-]mcp|azure\.mcp|msmcp-azure)/i;
