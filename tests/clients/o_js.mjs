// Drives the service with o.js (requests) and odata-query (query texts), two libraries that know
// nothing of it. Usage: node o_js.mjs http://127.0.0.1:8080/api/domain/odata/
//
// Every answer is compared with what JavaScript finds in the unfiltered set.
import assert from 'node:assert/strict';
import odata from 'odata';
import odataQuery from 'odata-query';
import { addWrites } from './o_js_writes.mjs';
import { signIn, suite } from './runner.mjs';

signIn();

const { o } = odata;
const buildQuery = odataQuery.default ?? odataQuery;
const root = process.argv[2];
const users = 'Systems_Security_Users';
const service = (headers = {}) => o(root, { headers });

const tests = suite('o.js');
const test = tests.add;
const ids = (rows) => rows.map((row) => row.Id).sort();

/** Follows next links to the end; gives the rows and the number of pages. */
async function pages(query, headers) {
  const rows = [];
  let count = 0;
  let page = await (await service(headers).get(users).fetch(query)).json();
  for (;;) {
    count += 1;
    rows.push(...page.value);
    const next = page['@odata.nextLink'];
    if (!next) return { rows, count };
    page = await (await o(next, { headers }).get().fetch()).json();
  }
}

const total = { 'OData-MaxVersion': '4.0' };
const { rows: all } = await pages({}, { ...total, Prefer: 'odata.maxpagesize=5000' });
const some = all[Math.floor(all.length / 2)];

test('lists the first ten', async () => {
  const rows = await service().get(users).query({ $top: 10 });
  assert.equal(rows.length, 10);
  assert.equal(new Set(ids(rows)).size, 10);
});

test('pages by next link without loss or repetition', async () => {
  const { rows, count } = await pages({ $orderby: 'Email desc' }, { ...total, Prefer: 'odata.maxpagesize=83' });
  assert.deepEqual(ids(rows), ids(all));
  assert.equal(count, Math.ceil(all.length / 83));
});

test('reads `$top` as a page size without a version, as the vendor does', async () => {
  const page = await (await service().get(users).fetch({ $top: 3 })).json();
  assert.equal(page.value.length, 3);
  assert.ok(page['@odata.nextLink']);
});

test('reads `$top` as a total with a version, as the standard does', async () => {
  const page = await (await service(total).get(users).fetch({ $top: 3 })).json();
  assert.equal(page.value.length, 3);
  assert.equal(page['@odata.nextLink'], undefined);
});

test('reads one user by key', async () => {
  const row = await service().get(`${users}(${some.Id})`).query();
  assert.equal(row.Login, some.Login);
});

test('filters by login', async () => {
  const query = buildQuery({ filter: { Login: some.Login } });
  const rows = await service().get(users + query).query();
  assert.deepEqual(ids(rows), [some.Id]);
});

test('filters by a guid', async () => {
  const query = buildQuery({ filter: { Id: { type: 'guid', value: some.Id } } });
  assert.deepEqual(ids(await service().get(users + query).query()), [some.Id]);
});

test('filters by text, whatever its case', async () => {
  const part = some.Login.slice(1, 4).toUpperCase();
  const query = buildQuery({ filter: { Login: { contains: part } } });
  const { rows } = await pages(Object.fromEntries(new URLSearchParams(query)), total);
  const expected = all.filter((row) => row.Login.toUpperCase().includes(part));
  assert.ok(expected.length > 0);
  assert.deepEqual(ids(rows), ids(expected));
});

test('filters by a name in any language', async () => {
  const name = Object.values(some.Name).at(-1);
  const query = buildQuery({ filter: { Name: { contains: name } } });
  const rows = await service().get(users + query).query();
  const fits = (text) => text.toLowerCase().includes(name.toLowerCase());
  const expected = all.filter((row) => Object.values(row.Name).some(fits));
  assert.deepEqual(ids(rows), ids(expected));
});

test('combines filters with and, or, not', async () => {
  const filter = {
    and: [
      { or: [{ UserType: 'InternalUser' }, { UserType: 'ExternalCommunityUser' }] },
      { Active: true },
      { not: { Login: { startswith: 'a' } } },
    ],
  };
  const { rows } = await pages(Object.fromEntries(new URLSearchParams(buildQuery({ filter }))), total);
  const kinds = ['InternalUser', 'ExternalCommunityUser'];
  const expected = all.filter((row) => kinds.includes(row.UserType) && row.Active && !/^a/i.test(row.Login));
  assert.ok(expected.length > 0 && expected.length < all.length);
  assert.deepEqual(ids(rows), ids(expected));
});

test('filters by null', async () => {
  const { rows } = await pages({ $filter: 'Email eq null' }, total);
  const expected = all.filter((row) => row.Email === null);
  assert.ok(expected.length > 0);
  assert.deepEqual(ids(rows), ids(expected));
});

test('orders, skips and takes', async () => {
  const query = buildQuery({ orderBy: ['Login desc'], top: 5, skip: 2 });
  const rows = await service(total).get(users + query).query();
  const whole = await pages({ $orderby: 'Login' }, total);
  const expected = whole.rows.map((row) => row.Login).reverse().slice(2, 7);
  assert.deepEqual(rows.map((row) => row.Login), expected);
});

test('selects', async () => {
  const query = buildQuery({ select: ['Id', 'Login'], top: 2 });
  const rows = await service(total).get(users + query).query();
  for (const row of rows) {
    assert.deepEqual(Object.keys(row).filter((key) => !key.startsWith('@')).sort(), ['Id', 'Login']);
  }
});

test('counts with and without a page', async () => {
  const filter = "UserType eq 'InternalUser'";
  const expected = all.filter((row) => row.UserType === 'InternalUser').length;
  const page = await (await service(total).get(users).fetch({ $filter: filter, $count: true, $top: 0 })).json();
  assert.equal(page['@odata.count'], expected);
  assert.deepEqual(page.value, []);
  const text = await (await service().get(`${users}/$count`).fetch({ $filter: filter })).text();
  assert.equal(Number(text), expected);
});

test('expands a collection and the reference behind it', async () => {
  const query = buildQuery({
    top: 20,
    orderBy: ['Login'],
    expand: { Groups: { select: ['Id'], expand: { Group: { select: ['Id', 'Name'] } } } },
  });
  const rows = await service(total).get(users + query).query();
  const memberships = rows.flatMap((row) => row.Groups);
  assert.equal(rows.length, 20);
  assert.ok(memberships.length > 0);
  for (const membership of memberships) assert.ok(Object.values(membership.Group.Name).join('').length > 0);
  const one = rows.find((row) => row.Groups.length > 0);
  const children = await service(total).get(`${users}(${one.Id})/Groups`).query();
  assert.deepEqual(ids(one.Groups), ids(children));
});

test('takes part of an expanded collection', async () => {
  const query = buildQuery({ top: 50, expand: { Groups: { top: 1 } } });
  const rows = await service(total).get(users + query).query();
  assert.ok(rows.some((row) => row.Groups.length === 1));
  assert.ok(rows.every((row) => row.Groups.length <= 1));
});

test('refuses what is not declared, and says so', async () => {
  const response = await service().get(users).fetch({ $filter: "Notes eq 'x'" });
  assert.equal(response.status, 400);
  const { error } = await response.json();
  assert.equal(error.code, 'FilterNotDeclared');
  assert.match(error.message, /Notes/);
});

addWrites(tests.add, root);
await tests.run();
