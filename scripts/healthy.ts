import { get } from 'node:https';

/**
 * Does the appliance that runs here say that it is well? For the health check of a container: ends with 0 or 1, and a
 * sentence. BALLAST_PORT and BALLAST_ADDRESS are those of the appliance.
 */
const port = Number(process.env.BALLAST_PORT || 8443);
const address = process.env.BALLAST_ADDRESS || '::';
const host = address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address;

const end = (code: number, sentence: string): never => {
  console.log(sentence);
  process.exit(code);
};

// The certificate is the appliance's own and nothing secret is sent.
const asked = get({ host, port, path: '/api/health', rejectUnauthorized: false, agent: false }, reply => {
  let text = '';
  reply.on('data', chunk => {
    text += chunk;
  });
  reply.on('end', () => end(reply.statusCode === 200 ? 0 : 1, text));
});
asked.setTimeout(4_000, () => end(1, 'The API does not answer in time.'));
asked.on('error', error => end(1, `The API does not answer: ${error.message}`));
