// Reads all rooms and messages with the official client, page by page, and prints them.
const { RestClient } = require('@rocket.chat/api-client');

const [baseUrl, user, password] = process.argv.slice(2);
const COUNT = 2;

async function* pagesOf(client, endpoint, name, params) {
  for (let offset = 0; ; offset += COUNT) {
    const page = await client.get(endpoint, { ...params, offset, count: COUNT });
    yield* page[name];
    if (page[name].length < COUNT) return;
  }
}

async function all(...call) {
  const items = [];
  for await (const item of pagesOf(...call)) items.push(item);
  return items;
}

async function main() {
  const client = new RestClient({ baseUrl });
  const login = await client.post('/v1/login', { user, password });
  client.setCredentials({ 'X-User-Id': login.data.userId, 'X-Auth-Token': login.data.authToken });
  const workspace = {};
  for (const [prefix, list] of [['channels', 'channels'], ['groups', 'groups'], ['im', 'ims']]) {
    for (const room of await all(client, `/v1/${prefix}.list`, list, {})) {
      const key = { roomId: room._id };
      const messages = await all(client, `/v1/${prefix}.messages`, 'messages', key);
      const threads = messages.filter((message) => message.tcount);
      workspace[room.name ?? room.usernames.join()] = {
        members: await all(client, `/v1/${prefix}.members`, 'members', key),
        messages,
        history: await all(client, `/v1/${prefix}.history`, 'messages', key),
        replies: await Promise.all(
          threads.map(({ _id }) => all(client, '/v1/chat.getThreadMessages', 'messages', { tmid: _id })),
        ),
        files: await all(client, `/v1/${prefix}.files`, 'files', key),
      };
    }
  }
  console.log(JSON.stringify(workspace));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
