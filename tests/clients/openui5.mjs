// Drives the service with OpenUI5's sap.ui.model.odata.v4.ODataModel in headless Chromium.
// Usage: node openui5.mjs http://127.0.0.1:8080/api/domain/odata/ [/usr/bin/chromium]
//
// The library and its page are served by the browser's own routing, at the service's origin: a
// server that delivers applications stands there as a rule, with the service behind it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { authorization, suite } from './runner.mjs';

const root = process.argv[2];
const { origin, pathname } = new URL(root);
const executablePath = process.argv[3] ?? '/usr/bin/chromium';
const library = join(
  dirname(createRequire(import.meta.url).resolve('@openui5/sap.ui.core/package.json')),
  'src',
);
const PAGE = `<!doctype html><meta charset="utf-8"><title>OpenUI5</title>
<script src="/resources/ui5loader.js"></script>
<script src="/resources/ui5loader-autoconfig.js" data-sap-ui-resourceroots='{"":"/resources/"}'></script>`;

const tests = suite('openui5');
const test = tests.add;

/** A page with the library, a model of the service, and short ways to ask it, as `window.ui5`. */
async function open(browser, wrong) {
  const context = await browser.newContext();
  await context.route((url) => url.origin !== origin, (route) => route.abort());
  await context.route(`${origin}/ui5.html`, (route) =>
    route.fulfill({ contentType: 'text/html', body: PAGE }),
  );
  await context.route(`${origin}/resources/**`, (route) => {
    const path = normalize(new URL(route.request().url()).pathname.replace('/resources/', ''));
    return route.fulfill({ path: join(library, path) }).catch(() => route.abort());
  });
  context.on('weberror', (error) => wrong.push(`script: ${error.error().message}`));
  const page = await context.newPage();
  await page.goto(`${origin}/ui5.html`);
  await page.evaluate(
    ([serviceUrl, Authorization]) =>
      new Promise((resolve, reject) => {
        const names = ['odata/v4/ODataModel', 'Filter', 'FilterOperator', 'Sorter'];
        const made = (ODataModel, Filter, FilterOperator, Sorter) => {
          const model = new ODataModel({
            serviceUrl,
            httpHeaders: { Authorization },
            operationMode: 'Server',
            autoExpandSelect: false,
            groupId: '$auto',
          });
          const list = (path, { filters, sorters, ...parameters } = {}) =>
            model.bindList(path, undefined, sorters, filters, parameters);
          const rows = async (path, how = {}, length = 20) => {
            const contexts = await list(path, how).requestContexts(0, length);
            return contexts.map((context) => context.getObject());
          };
          window.ui5 = { model, list, rows, Filter, FilterOperator, Sorter };
          resolve();
        };
        window.sap.ui.require(names.map((name) => `sap/ui/model/${name}`), made, reject);
      }),
    [pathname, authorization],
  );
  return page;
}

/** A test on a page of its own; scripts that fail unheard fail it too. */
const session = (name, look) =>
  test(name, async (browser) => {
    const wrong = [];
    const page = await open(browser, wrong);
    await look(page);
    await page.context().close();
    assert.deepEqual(wrong, []);
  });

session('understands the metadata', async (page) => {
  const types = await page.evaluate(async () => {
    const meta = window.ui5.model.getMetaModel();
    const of = (name) => meta.requestObject(`/Systems_Security_Users/${name}`);
    return {
      login: await of('Login'),
      groups: await of('Groups'),
      group: await meta.requestObject('/Systems_Security_Users/Groups/Group/$Type'),
    };
  });
  assert.equal(types.login.$Type ?? 'Edm.String', 'Edm.String');
  assert.equal(types.groups.$isCollection, true);
  assert.equal(types.group, 'Erp.Systems_Security_Group');
});

session('reads a page in order, and how many there are', async (page) => {
  const { logins, length } = await page.evaluate(async () => {
    const { list, Sorter } = window.ui5;
    const users = list('/Systems_Security_Users', {
      sorters: [new Sorter('Login')],
      $count: true,
      $select: 'Id,Login',
    });
    const contexts = await users.requestContexts(0, 30);
    return { logins: contexts.map((c) => c.getProperty('Login')), length: users.getLength() };
  });
  assert.equal(logins.length, 30);
  assert.deepEqual(logins, [...logins].sort());
  assert.ok(length > 100);
});

session('reads on behind the first page', async (page) => {
  const ids = await page.evaluate(async () => {
    const users = window.ui5.list('/Systems_Security_Users', { $select: 'Id' });
    const first = await users.requestContexts(0, 50);
    const next = await users.requestContexts(50, 50);
    return [...first, ...next].map((context) => context.getProperty('Id'));
  });
  assert.equal(new Set(ids).size, 100);
});

session('filters as its operators write it', async (page) => {
  const found = await page.evaluate(async () => {
    const { rows, Filter, FilterOperator: is } = window.ui5;
    const [some] = await rows('/Systems_Security_Users', { $select: 'Id,Login' }, 1);
    const by = (...conditions) =>
      rows('/Systems_Security_Users', { filters: conditions, $select: 'Id,Login,Active' });
    const part = some.Login.slice(1, 4);
    return {
      some,
      part,
      equal: await by(new Filter('Login', is.EQ, some.Login)),
      contains: await by(new Filter('Login', is.Contains, part)),
      starts: await by(new Filter('Login', is.StartsWith, some.Login.slice(0, 2))),
      both: await by(new Filter('Login', is.Contains, part), new Filter('Active', is.EQ, true)),
    };
  });
  const { some, part } = found;
  assert.deepEqual(found.equal.map((user) => user.Id), [some.Id]);
  assert.ok(found.contains.length > 0);
  assert.ok(found.contains.every((user) => user.Login.toLowerCase().includes(part.toLowerCase())));
  assert.ok(found.starts.length > 0);
  assert.ok(found.both.every((user) => user.Active));
});

session('filters by what a user is a member of', async (page) => {
  const found = await page.evaluate(async () => {
    const { rows, Filter, FilterOperator: is } = window.ui5;
    const [membership] = await rows('/Systems_Security_UserGroups', { $expand: 'User,Group' }, 1);
    const any = new Filter({
      path: 'Groups',
      operator: is.Any,
      variable: 'g',
      condition: new Filter('g/Group/Id', is.EQ, membership.Group.Id),
    });
    const users = await rows('/Systems_Security_Users', { filters: [any], $select: 'Id' }, 1000);
    return { user: membership.User.Id, users: users.map((user) => user.Id) };
  });
  assert.ok(found.users.includes(found.user));
});

session('expands references and collections', async (page) => {
  const users = await page.evaluate(() =>
    window.ui5.rows('/Systems_Security_Users', {
      $select: 'Id,Login',
      $expand: { Groups: { $expand: { Group: { $select: 'Id,Name' } } }, Person: true },
    }, 40),
  );
  const groups = users.flatMap((user) => user.Groups);
  assert.ok(groups.length > 0);
  assert.ok(groups.every((membership) => membership.Group.Id));
});

session('groups and counts', async (page) => {
  const { groups, all } = await page.evaluate(async () => {
    const { model, rows } = window.ui5;
    const $apply = 'groupby((UserType),aggregate($count as N))';
    return {
      groups: await rows('/Systems_Security_Users', { $apply }),
      all: await model.bindProperty('/Systems_Security_Users/$count').requestValue(),
    };
  });
  assert.ok(groups.length > 1);
  // The model asks for numbers of 64 bits as texts, which JavaScript can hold.
  assert.equal(groups.reduce((sum, group) => sum + Number(group.N), 0), Number(all));
});

session('creates, changes and deletes', async (page) => {
  const told = await page.evaluate(async () => {
    const { model, list, rows, Filter, FilterOperator: is } = window.ui5;
    const users = list('/Systems_Security_Users', { $$updateGroupId: '$auto' });
    const Login = `ui5.${crypto.randomUUID()}`;
    const made = users.create({ Login, Name: { EN: 'Uma Five' }, UserType: 'VirtualUserNoLogin' });
    await made.created();
    const id = made.getProperty('Id');
    const by = () => rows('/Systems_Security_Users', { filters: [new Filter('Login', is.EQ, Login)] });
    await made.setProperty('Notes', 'changed by OpenUI5');
    const changed = await by();
    await made.delete();
    return { id, changed, gone: await by(), pending: model.hasPendingChanges() };
  });
  assert.equal(told.changed.length, 1);
  assert.equal(told.changed[0].Id, told.id);
  assert.equal(told.changed[0].Notes, 'changed by OpenUI5');
  assert.deepEqual(told.gone, []);
  assert.equal(told.pending, false);
});

session('calls actions and a function', async (page) => {
  const told = await page.evaluate(async () => {
    const { model, list } = window.ui5;
    const Login = `ui5.${crypto.randomUUID()}`;
    const email = `${Login}@uni.example`;
    const values = { Login, Email: email, Name: { EN: 'Uma' }, UserType: 'VirtualUserNoLogin' };
    const user = list('/Systems_Security_Users').create(values);
    await user.created();
    const call = async (path, context) => {
      const operation = model.bindContext(path, context);
      await operation.invoke();
      return operation.getBoundContext()?.getObject();
    };
    await call('Ext.ConfirmEmail(...)', user);
    await user.requestRefresh();
    const confirmed = user.getProperty('EmailConfirmed');
    await user.delete();
    await call('/MarkNotificationsRead(...)');
    return { confirmed, version: await call('/GetVersion(...)') };
  });
  assert.equal(told.confirmed, true);
  assert.ok(told.version);
});

session('tells the service’s refusal', async (page) => {
  const error = await page.evaluate(async () => {
    const { rows, Filter, FilterOperator: is } = window.ui5;
    try {
      await rows('/Systems_Security_Users', { filters: [new Filter('Notes', is.EQ, 'x')] });
    } catch (refused) {
      return { status: refused.status, code: refused.error?.code };
    }
    return null;
  });
  assert.deepEqual(error, { status: 400, code: 'FilterNotDeclared' });
});

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  await tests.run(browser);
} finally {
  await browser.close();
}
