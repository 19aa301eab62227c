// What o.js writes: the part of o_js.mjs that changes the directory. Every test deletes what it made.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import odata from 'odata';

const { o } = odata;
const users = 'Systems_Security_Users';
const memberships = 'Systems_Security_UserGroups';
const json = { 'Content-Type': 'application/json' };

/** Adds the tests of writing. */
export function addWrites(test, root) {
  // Without headers of ours, o.js says itself that it sends JSON.
  const service = (headers, batch) => {
    const config = headers ? { headers: { ...json, ...headers } } : {};
    const handler = o(root, config);
    Object.assign(handler.config.batch, batch);
    return handler;
  };
  const login = () => `o.js.${randomUUID().slice(0, 13)}`;
  const user = (more = {}) => ({
    Login: login(),
    Name: { EN: 'Otto Js', BG: 'Ото' },
    UserType: 'VirtualUserNoLogin',
    ...more,
  });
  const at = (id) => `${users}(${id})`;
  const status = async (address) => (await service().get(address).fetch()).status;
  const count = async (filter) =>
    Number(await (await service().get(`${users}/$count`).fetch({ $filter: filter })).text());

  /** Runs a test with a user, which is gone afterwards. */
  const withUser = (name, run, more) =>
    test(name, async () => {
      const row = await service().post(users, user(more)).query();
      try {
        await run(row);
      } finally {
        await service().delete(at(row.Id)).fetch();
      }
    });

  test('creates, and deletes what it created', async () => {
    const given = user();
    const answer = await service().post(users, given).fetch();
    assert.equal(answer.status, 201);
    const row = await answer.json();
    assert.equal(answer.headers.get('Location'), new URL(at(row.Id), root).href);
    assert.equal(answer.headers.get('ETag'), row['@odata.etag']);
    assert.equal(row.Login, given.Login);
    assert.deepEqual(row.Name, given.Name);
    const read = await service().get(at(row.Id)).query();
    assert.equal(read['@odata.etag'], row['@odata.etag']);
    assert.equal((await service().delete(at(row.Id)).query()).status, 204);
    assert.equal(await status(at(row.Id)), 404);
  });

  withUser('patches a part and leaves the rest', async (row) => {
    const answer = await service().patch(at(row.Id), { Notes: 'o.js', Name: { EN: 'Otto' } }).fetch();
    assert.equal(answer.status, 204);
    assert.notEqual(answer.headers.get('ETag'), row['@odata.etag']);
    const read = await service().get(at(row.Id)).query();
    assert.equal(read['@odata.etag'], answer.headers.get('ETag'));
    assert.equal(read.Notes, 'o.js');
    assert.deepEqual(read.Name, { EN: 'Otto', BG: row.Name.BG });
    assert.equal(read.Login, row.Login);
  });

  withUser('gets the entity back from a patch where it asks for it', async (row) => {
    const prefer = { Prefer: 'return=representation' };
    const changed = await service(prefer).patch(at(row.Id), { Notes: 'seen' }).query();
    assert.equal(changed.Id, row.Id);
    assert.equal(changed.Notes, 'seen');
  });

  withUser('puts a whole row', async (row) => {
    await service().patch(at(row.Id), { Notes: 'goes away' }).query();
    const whole = { Login: row.Login, Name: { EN: 'Only' }, UserType: row.UserType };
    assert.equal((await service().put(at(row.Id), whole).query()).status, 204);
    const read = await service().get(at(row.Id)).query();
    assert.deepEqual(read.Name, { EN: 'Only' });
    assert.equal(read.Notes, null);
  });

  withUser('loses no update to a stale tag', async (row) => {
    const stale = { 'If-Match': row['@odata.etag'] };
    const first = await service(stale).patch(at(row.Id), { Notes: 'first' }).fetch();
    assert.equal(first.status, 204);
    const second = await service(stale).patch(at(row.Id), { Notes: 'second' }).fetch();
    assert.equal(second.status, 412);
    assert.equal((await second.json()).error.code, 'PreconditionFailed');
    const fresh = { 'If-Match': first.headers.get('ETag') };
    assert.equal((await service(fresh).patch(at(row.Id), { Notes: 'third' }).fetch()).status, 204);
    assert.equal((await service(stale).delete(at(row.Id)).fetch()).status, 412);
  });

  test('creates children with their parent, and deletes them with it', async () => {
    const [group] = await service().get('Systems_Security_Groups').query({ $top: 1 });
    const bound = { 'Group@odata.bind': `Systems_Security_Groups(${group.Id})` };
    const row = await service().post(users, user({ Groups: [bound] })).query();
    try {
      const [child] = await service().get(`${at(row.Id)}/Groups`).query({ $expand: 'Group($select=Id)' });
      assert.equal(child.Group.Id, group.Id);
      await service().delete(at(row.Id)).query();
      assert.equal(await status(`${memberships}(${child.Id})`), 404);
    } finally {
      await service().delete(at(row.Id)).fetch();
    }
  });

  test('hears all that is wrong, and nothing happens', async () => {
    const wrong = user({ UserType: 'InternalUser', DefaultLanguage: 'english', Colour: 'red' });
    const answer = await service().post(users, wrong).fetch();
    assert.equal(answer.status, 400);
    assert.match((await answer.json()).error.message, /Colour/);
    delete wrong.Colour;
    const refused = await service({ 'Accept-Language': 'en' }).post(users, wrong).fetch();
    assert.equal(refused.status, 422);
    const { error } = await refused.json();
    const codes = [error, ...(error.details ?? [])].map(({ code }) => code);
    assert.ok(codes.includes('R35716') && codes.includes('R36747'), codes.join());
    assert.equal(await count(`Login eq '${wrong.Login}'`), 0);
  });

  withUser('calls actions', async (row) => {
    const call = (name, body) => service().post(`${at(row.Id)}/Ext.${name}`, body).fetch();
    const set = await call('SetPassword', { password: 'Long and secret 1' });
    assert.equal(set.status, 204, await set.text());
    const confirmed = await call('ConfirmEmail', {});
    assert.equal(confirmed.status, 204, await confirmed.text());
    assert.equal((await service().get(at(row.Id)).query()).EmailConfirmed, true);
  }, { Email: `${login()}@uni.example` });

  for (const useRelativeURLs of [false, true]) {
    const form = useRelativeURLs ? 'relative' : 'absolute';
    test(`sends a batch with ${form} addresses`, async () => {
      const given = user({ Id: randomUUID() });
      const answers = await service(undefined, { useRelativeURLs })
        .post(users, given)
        .patch(at(given.Id), { Notes: 'batch' })
        .get(at(given.Id))
        .delete(at(given.Id))
        .batch();
      assert.deepEqual(answers.map((answer) => answer.contentId), [1, 2, 3, 4]);
      assert.deepEqual(answers.map((answer) => answer.status), [201, 204, 200, 204]);
      assert.equal(answers[0].body.Id, given.Id);
      assert.equal(answers[2].body.Notes, 'batch');
      assert.equal(await status(at(given.Id)), 404);
    });
  }

  test('sends a change set, which happens whole', async () => {
    const given = [user({ Id: randomUUID() }), user({ Id: randomUUID() })];
    try {
      const handler = service(undefined, { useChangset: true });
      for (const row of given) handler.post(users, row);
      const answers = await handler.batch();
      assert.deepEqual(answers.map((answer) => [answer.contentId, answer.status]), [[1, 201], [2, 201]]);
      for (const row of given) assert.equal(await status(at(row.Id)), 200);
    } finally {
      const handler = service(undefined, { useChangset: true });
      for (const row of given) handler.delete(at(row.Id));
      const answers = await handler.batch();
      assert.deepEqual(answers.map((answer) => answer.status), [204, 204]);
    }
  });

  test('sends a change set, of which nothing happens', async () => {
    const given = [user({ Id: randomUUID() }), user({ Id: randomUUID(), Login: null })];
    const handler = service(undefined, { useChangset: true });
    for (const row of given) handler.post(users, row);
    const [answer] = await handler.batch();
    assert.equal(answer.status, 422);
    assert.equal(answer.body.error.target, 'Login');
    for (const row of given) assert.equal(await status(at(row.Id)), 404);
  });
}
