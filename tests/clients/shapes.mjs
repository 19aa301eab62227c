// Requests as the grids and models of other makers write them on the wire, byte for byte where it
// matters. The libraries themselves need a page in a browser; their requests do not.
// Usage: node shapes.mjs http://127.0.0.1:8080/api/domain/odata/
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { signIn, suite } from './runner.mjs';

signIn();

const root = process.argv[2];
const users = 'Systems_Security_Users';
const tests = suite('shapes');
const at = (id) => `${users}(${id})`;
const send = (method, address, headers = {}, body = undefined) =>
  fetch(new URL(address, root), { method, headers, body });
const row = async (id) => (await send('GET', at(id), { Accept: 'application/json' })).json();
const user = (more = {}) => ({
  Id: randomUUID(),
  Login: `shape.${randomUUID().slice(0, 13)}`,
  Name: { EN: 'Sha Pe', BG: 'Ша Пе' },
  UserType: 'VirtualUserNoLogin',
  ...more,
});

/** Runs a test with a user, which is gone afterwards. */
const withUser = (name, run, more = {}) =>
  tests.add(name, async () => {
    const given = user(more);
    const json = { 'Content-Type': 'application/json' };
    const answer = await send('POST', users, json, JSON.stringify(given));
    assert.equal(answer.status, 201, await answer.clone().text());
    try {
      await run(await answer.json());
    } finally {
      await send('DELETE', at(given.Id));
    }
  });

/** Sends a batch; gives the answer's type and its text. */
async function batch(type, body, accept = 'multipart/mixed') {
  const answer = await send('POST', '$batch', { 'Content-Type': type, Accept: accept }, body);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return { type: answer.headers.get('Content-Type'), text };
}

/**
 * Splits an answer as OpenUI5 does: no part may lack its head, its status line or its end. A change
 * set is a list; one that failed is a single answer.
 */
function parts({ type, text }) {
  const boundary = /boundary=([^;\s]+)/.exec(type)[1];
  const pieces = text.split(`--${boundary}`);
  assert.match(pieces.pop(), /^--\s*$/);
  return pieces.slice(1).flatMap((piece) => {
    const [head, ...rest] = piece.split('\r\n\r\n');
    const inner = /^content-type: *(multipart\/mixed;.*)$/im.exec(head);
    if (inner) return [parts({ type: inner[1], text: rest.join('\r\n\r\n') })];
    const id = /^content-id: *(\S+)$/im.exec(head)?.[1];
    const [status, ...headers] = rest[0].split('\r\n');
    const body = rest.slice(1).join('\r\n\r\n').trim();
    return [{ id, status: Number(status.split(' ')[1]), headers, body: body && JSON.parse(body) }];
  });
}

// OpenUI5: ODataModel v4.

const ui5 = [
  'Accept:application/json;odata.metadata=minimal;IEEE754Compatible=true',
  'Accept-Language:en',
  'X-CSRF-Token:Fetch',
  'Content-Type:application/json;charset=UTF-8;IEEE754Compatible=true',
];
const http = ['Content-Type:application/http', 'Content-Transfer-Encoding:binary'];
const ui5Request = (method, address, body = '', more = []) =>
  [`${method} ${address} HTTP/1.1`, ...ui5, ...more, '', body, ''].join('\r\n');

/** Change sets first, reads after them, a remark behind the end. */
function ui5Batch(changes, reads) {
  const [outer, inner] = ['batch_id-1764161234567-12', 'changeset_id-1764161234567-13'];
  const set = changes.map((change, index) =>
    [`--${inner}`, ...http, `Content-ID:${index}.0`, '', change].join('\r\n'));
  const head = [`--${outer}`, `Content-Type: multipart/mixed;boundary=${inner}`, ''];
  const body = [
    ...[...head, ...set, `--${inner}--`, ''],
    ...reads.flatMap((read) => [`--${outer}`, ...http, '', read]),
    `--${outer}--`,
    'Group ID: $auto',
  ].join('\r\n');
  return batch(`multipart/mixed; boundary=${outer}`, body);
}

tests.add('openui5 creates, reads, changes a part of a name and deletes', async () => {
  const given = user();
  const found = `${users}?$filter=Login%20eq%20'${given.Login}'&$select=Id,Name/EN`;
  const post = ui5Request('POST', users, JSON.stringify(given));
  const [[created], read] = parts(await ui5Batch([post], [ui5Request('GET', found)]));
  assert.deepEqual([created.id, created.status, created.body.Id], ['0.0', 201, given.Id]);
  assert.deepEqual([read.status, read.body.value.length, read.body.value[0].Name], [200, 1, { EN: 'Sha Pe' }]);
  const tag = `If-Match:${created.body['@odata.etag']}`;
  const part = JSON.stringify({ Name: { EN: 'Shape' } });
  const patch = ui5Request('PATCH', at(given.Id), part, [tag]);
  const [[changed], now] = parts(await ui5Batch([patch], [ui5Request('GET', at(given.Id))]));
  assert.ok([200, 204].includes(changed.status));
  const fresh = changed.headers.find((line) => /^etag:/i.test(line)).replace(/^etag: */i, '');
  assert.equal(fresh, now.body['@odata.etag']);
  assert.deepEqual(now.body.Name, { EN: 'Shape', BG: 'Ша Пе' });
  const [stale] = parts(await ui5Batch([ui5Request('DELETE', at(given.Id), '', [tag])], []));
  assert.deepEqual([stale.id, stale.status], ['0.0', 412]);
  const [[gone]] = parts(await ui5Batch([ui5Request('DELETE', at(given.Id), '', [`If-Match:${fresh}`])], []));
  assert.equal(gone.status, 204);
});

withUser('openui5 sends the tag along with an action', async (read) => {
  const tag = (text) => [`If-Match:${text}`];
  const call = (more) => ui5Batch([ui5Request('POST', `${at(read.Id)}/Ext.ConfirmEmail`, '{}', more)], []);
  const [stale] = parts(await call(tag('W/"77"')));
  assert.equal(stale.status, 412);
  const [[done]] = parts(await call(tag(read['@odata.etag'])));
  assert.equal(done.status, 204);
}, { Email: `${randomUUID()}@uni.example` });

// Syncfusion: ODataV4Adaptor. Line feeds alone, blanks behind headers, ids among the inner headers.

function syncfusionBatch(requests) {
  const [outer, inner] = [`batch_${randomUUID()}`, `changeset_${randomUUID()}`];
  let body = `--${outer}\nContent-Type: multipart/mixed; boundary=${inner}\n`;
  requests.forEach(([method, address, tag, data], index) => {
    body += `\n--${inner}\nContent-Type: application/http\nContent-Transfer-Encoding: binary \n\n`;
    body += `${method} ${address} HTTP/1.1\n`;
    body += 'Accept: application/json, text/javascript, */*; q=0.01\n';
    body += `Content-Id: ${index}\nContent-Type: application/json; charset=utf-8 \n`;
    body += tag ? `If-Match: ${tag}\n\n` : '\n';
    body += data ? `${JSON.stringify(data)}\n\n` : '';
  });
  body += `\n--${inner}--\n--${outer}--`;
  return batch(`multipart/mixed; charset=UTF-8;boundary=${outer}`, body);
}

for (const [form, prefix] of [['its own', ''], ['absolute', root]]) {
  tests.add(`syncfusion saves a grid at ${form} addresses`, async () => {
    const [kept, dropped] = [user(), user()];
    const set = `${prefix}${users}`;
    try {
      const made = await syncfusionBatch([['POST', set, null, kept], ['POST', set, null, dropped]]);
      // As the adaptor finds what it has created: by these names of boundaries and headers.
      const inner = /\bContent-Type.+boundary=(changesetresponse.+)/i.exec(made.text)[1];
      const pieces = made.text.split(inner).filter((piece) => /\bHTTP.+201/.test(piece));
      const rows = pieces.map((piece) => {
        const id = Number(/\bContent-ID: (\d+)/i.exec(piece)[1]);
        return [id, JSON.parse(/^\{.+\}/m.exec(piece)[0])];
      });
      assert.deepEqual(rows.map(([id, { Id }]) => [id, Id]), [[0, kept.Id], [1, dropped.Id]]);
      // The whole row comes back, with its key, its tag and what nobody may write.
      const { '@odata.etag': tag, ...whole } = { ...rows[0][1], Notes: 'grid' };
      const patch = ['PATCH', `${set}(${kept.Id})`, tag, whole];
      const remove = ['DELETE', `${set}(${dropped.Id})`, rows[1][1]['@odata.etag']];
      const [saved] = parts(await syncfusionBatch([patch, remove]));
      assert.deepEqual(saved.map(({ status }) => status), [204, 204]);
      assert.equal((await row(kept.Id)).Notes, 'grid');
    } finally {
      await send('DELETE', at(kept.Id));
      await send('DELETE', at(dropped.Id));
    }
  });
}

withUser('syncfusion echoes a whole row with what is read only', async (read) => {
  const whole = { ...(await row(read.Id)), Notes: 'echo', CreationTimeUtc: '2001-01-01T00:00:00Z' };
  const headers = { 'Content-Type': 'application/json; charset=utf-8' };
  const answer = await send('PATCH', at(read.Id), headers, JSON.stringify(whole));
  assert.equal(answer.status, 204, await answer.text());
  const now = await row(read.Id);
  assert.deepEqual([now.Notes, now.CreationTimeUtc], ['echo', read.CreationTimeUtc]);
});

// DevExtreme: ODataStore. The media types of OData 2, and a body where none belongs.

const devextreme = {
  Accept: 'application/json;odata=verbose,text/plain, */*; q=0.01',
  'Content-Type': 'application/json;odata=verbose',
};

tests.add('devextreme creates, changes and deletes', async () => {
  const given = user();
  const created = await send('POST', users, devextreme, JSON.stringify(given));
  assert.equal(created.status, 201);
  assert.match(created.headers.get('Content-Type'), /^application\/json/);
  assert.equal((await created.json()).Id, given.Id);
  const changed = await send('PATCH', at(given.Id), devextreme, JSON.stringify({ Notes: 'store' }));
  assert.ok([200, 204].includes(changed.status));
  assert.equal((await row(given.Id)).Notes, 'store');
  const deleted = await send('DELETE', at(given.Id), devextreme, 'null');
  assert.equal(deleted.status, 204);
  assert.equal((await send('GET', at(given.Id), devextreme)).status, 404);
});

// Generated clients (odata2ts and its kin): empty answers have to say that they are empty.

withUser('a generated client calls an action and gets nothing at all', async (read) => {
  for (const name of ['Ext.SetPassword', 'SetPassword']) {
    const json = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const body = JSON.stringify({ password: 'Long and secret 1' });
    const answer = await send('POST', `${at(read.Id)}/${name}`, json, body);
    assert.equal(answer.status, 204);
    assert.equal(await answer.text(), '');
    assert.equal(answer.headers.get('Content-Type'), null);
  }
});

withUser('preferences decide what a change answers', async (read) => {
  const answers = { 'return=minimal': 204, 'return=representation': 200, 'odata.return=representation': 200 };
  for (const [preference, status] of Object.entries(answers)) {
    const headers = { 'Content-Type': 'application/json', Prefer: preference };
    const answer = await send('PATCH', at(read.Id), headers, JSON.stringify({ Notes: preference }));
    assert.equal(answer.status, status);
    assert.match(answer.headers.get('Preference-Applied'), /return=/);
    assert.ok(answer.headers.get('ETag'));
  }
});

// JSON batches.

tests.add('a batch in JSON links requests, and undoes a group that fails', async () => {
  const [kept, undone] = [user(), user()];
  const json = { 'content-type': 'application/json' };
  const requests = [
    { id: 'new', atomicityGroup: 'a', method: 'POST', url: users, headers: json, body: kept },
    { id: 'more', atomicityGroup: 'a', method: 'PATCH', url: '$new', headers: json, body: { Notes: 'linked' } },
    { id: 'lost', atomicityGroup: 'b', method: 'POST', url: users, headers: json, body: undone },
    { id: 'bad', atomicityGroup: 'b', method: 'POST', url: users, headers: json, body: user({ Login: null }) },
    { id: 'read', dependsOn: ['a'], method: 'GET', url: `${root}${at(kept.Id)}` },
    { id: 'waits', dependsOn: ['b'], method: 'GET', url: users },
  ];
  try {
    const { type, text } = await batch('application/json', JSON.stringify({ requests }), 'application/json');
    assert.match(type, /^application\/json/);
    assert.ok(!text.trim().includes('\n'));
    const answers = Object.fromEntries(JSON.parse(text).responses.map((answer) => [answer.id, answer]));
    const statuses = Object.entries(answers).map(([id, { status }]) => [id, status]);
    const expected = { new: 201, more: 204, lost: 424, bad: 422, read: 200, waits: 424 };
    assert.deepEqual(Object.fromEntries(statuses), expected);
    assert.equal(answers.read.body.Notes, 'linked');
    assert.equal((await send('GET', at(undone.Id))).status, 404);
  } finally {
    await send('DELETE', at(kept.Id));
  }
});

tests.add('a batch goes on after an error where it is asked to', async () => {
  const request = (address) => ui5Request('GET', address);
  const addresses = ['Nothing', `${users}?$top=1`];
  const body = [...addresses.flatMap((address) => ['--b', ...http, '', request(address)]), '--b--'].join('\r\n');
  const headers = { 'Content-Type': 'multipart/mixed;boundary=b', Accept: 'multipart/mixed' };
  for (const [prefer, statuses] of [[{}, [404]], [{ Prefer: 'odata.continue-on-error' }, [404, 200]]]) {
    const answer = await send('POST', '$batch', { ...headers, ...prefer }, body);
    const found = parts({ type: answer.headers.get('Content-Type'), text: await answer.text() });
    assert.deepEqual(found.map(({ status }) => status), statuses);
  }
});

await tests.run();
