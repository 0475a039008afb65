// A process that opens a conversation with a stubborn stdio server, prints the server's process id, and waits to be killed.
import { request } from '../../src/protocol/message.ts';
import { serverSettings } from '../../src/upstream/settings.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { hostileServer, plainNeighbours } from './upstream-neighbours.ts';

const command = hostileServer('--ignore-signals', '--ignore-end-of-input');
const upstream = createUpstream('hostile', serverSettings.parse({ command }), plainNeighbours);
const { channel } = await upstream.connect({ era: 'legacy', onPush: () => {}, onClose: () => {} });
const { result } = await channel.send(request(1, 'tools/call', { name: 'pid' }));
console.log((result as { content: [{ text: string }] }).content[0].text);
