// Logs in with the official client, lets its two-factor handler answer, prints what happened.
const { RestClient } = require('@rocket.chat/api-client');

const [baseUrl, user, password, loginCode, ...codes] = process.argv.slice(2);

async function refusalOf(call) {
  try {
    await call;
    return null;
  } catch (response) {
    return { status: response.status, ...(await response.json()) };
  }
}

async function main() {
  const client = new RestClient({ baseUrl });
  const refusal = await refusalOf(client.post('/v1/login', { user, password }));
  const login = await client.post('/v1/login', { user, password, code: loginCode });
  client.setCredentials({ 'X-User-Id': login.data.userId, 'X-Auth-Token': login.data.authToken });
  const challenges = [];
  client.handleTwoFactorChallenge(async ({ method, invalidAttempt }) => {
    challenges.push({ method, invalidAttempt });
    return codes.shift();
  });
  const call = '/v1/users.generatePersonalAccessToken';
  const answer = await client.post(call, { tokenName: 'by the client' });
  console.log(JSON.stringify({ refusal, challenges, answer }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
