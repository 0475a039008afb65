// Rows: Azure OpenAI and Foundry, AI Search, Speech.
import { data, endpoint, given, host, localFiles, read, resource, subscription, write } from './row.ts';
import type { Row } from './row.ts';

const account = resource('Microsoft.CognitiveServices/accounts/{resource-name}');
const accountRead = [
  'Microsoft.CognitiveServices/accounts/read',
  ...given('auth-method', 'Microsoft.CognitiveServices/accounts/listKeys/action'),
];
const project = endpoint('Microsoft.CognitiveServices/accounts', 'endpoint');
const search = host('Microsoft.Search/searchServices', 'service');

export const aiRows: Readonly<Record<string, Row>> = {
  foundryextensions_resource_get: read(account, [
    'Microsoft.CognitiveServices/accounts/read',
    'Microsoft.CognitiveServices/accounts/deployments/read',
  ]),
  'foundryextensions_openai_models-list': read(account, [
    'Microsoft.CognitiveServices/accounts/read',
    'Microsoft.CognitiveServices/accounts/deployments/read',
  ]),
  'foundryextensions_openai_chat-completions-create': read(
    account,
    [...accountRead, ...data('Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action')],
    {
      words: 'deployment',
      inert: 'message-array max-tokens temperature top-p frequency-penalty presence-penalty stop stream seed user',
    },
  ),
  // Sent as a chat; the older action is asked for as well.
  'foundryextensions_openai_create-completion': read(
    account,
    [
      ...accountRead,
      ...data(
        'Microsoft.CognitiveServices/accounts/OpenAI/deployments/completions/action',
        'Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action',
      ),
    ],
    { words: 'deployment', inert: 'prompt-text max-tokens temperature' },
  ),
  'foundryextensions_openai_embeddings-create': read(
    account,
    [...accountRead, ...data('Microsoft.CognitiveServices/accounts/OpenAI/deployments/embeddings/action')],
    { words: 'deployment', inert: 'input-text user encoding-format dimensions' },
  ),
  foundryextensions_knowledge_index_list: read(
    project,
    data('Microsoft.CognitiveServices/accounts/AIServices/assets/read'),
  ),
  foundryextensions_knowledge_index_schema: read(
    project,
    data('Microsoft.CognitiveServices/accounts/AIServices/assets/read'),
    { words: 'index' },
  ),

  search_service_list: read(subscription, ['Microsoft.Search/searchServices/read']),
  search_index_get: read(search, ['Microsoft.Search/searchServices/indexes/read'], { words: 'index' }),
  search_index_query: read(
    search,
    ['Microsoft.Search/searchServices/indexes/read', ...data('Microsoft.Search/searchServices/indexes/documents/read')],
    { words: 'index', inert: 'query' },
  ),
  search_knowledge_source_get: read(search, ['Microsoft.Search/searchServices/knowledgeSources/read'], {
    words: 'knowledge-source',
  }),
  search_knowledge_base_get: read(search, ['Microsoft.Search/searchServices/knowledgeBases/read'], {
    words: 'knowledge-base',
  }),
  search_knowledge_base_retrieve: read(
    search,
    [
      'Microsoft.Search/searchServices/knowledgeBases/read',
      ...data('Microsoft.Search/searchServices/indexes/documents/read'),
    ],
    { words: 'knowledge-base', inert: 'query messages' },
  ),

  speech_stt_recognize: read(
    endpoint('Microsoft.CognitiveServices/accounts', 'endpoint'),
    [...data('Microsoft.CognitiveServices/accounts/SpeechServices/unified-speech/frontend/action'), ...localFiles],
    { inert: 'file language phrases format profanity' },
  ),
  // Writes the sound to a file of the server's machine.
  speech_tts_synthesize: write(
    endpoint('Microsoft.CognitiveServices/accounts', 'endpoint'),
    [...data('Microsoft.CognitiveServices/accounts/SpeechServices/unified-speech/frontend/action'), ...localFiles],
    { inert: 'text outputAudio language voice format endpointId' },
  ),
};
