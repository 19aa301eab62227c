// Opens the service's own pages in a real browser, headless Chromium, and looks at what people see.
// Usage: node browser.mjs http://127.0.0.1:8080/api/domain/odata/ [/usr/bin/chromium]
//
// A page passes when it shows what it should, the console is silent (a refused style or script
// would speak up there), every request is answered and none leaves for another host.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { authorization, suite } from './runner.mjs';

const { origin } = new URL(process.argv[2]);
const executablePath = process.argv[3] ?? '/usr/bin/chromium';
const quiet = ['quic', 'gpu', 'background-networking', 'component-update', 'sync'];
const args = ['--no-sandbox', '--no-first-run', ...quiet.map((what) => `--disable-${what}`)];

const tests = suite('browser');
const test = tests.add;

/** Opens an address, lets `look` look at the page, then tells everything that was wrong. */
async function visit(browser, address, look) {
  const wrong = [];
  const context = await browser.newContext({
    extraHTTPHeaders: { Authorization: authorization },
  });
  await context.route((url) => url.origin !== origin, (route) => route.abort());
  context.on('request', (request) => {
    const url = new URL(request.url());
    const inside = url.origin === origin || url.protocol === 'data:';
    if (!inside) wrong.push(`asks ${request.url()}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => wrong.push(`script: ${error.error().message}`));
  const page = await context.newPage();
  await page.goto(origin + address);
  await look(page);
  await context.close();
  assert.deepEqual(wrong, []);
}

test('the landing page leads to the documentation', (browser) =>
  visit(browser, '/', async (page) => {
    await page.locator('a[href*="/api/docs"]').click();
    await page.locator('.swagger-ui .info .title').waitFor();
  }));

test('/api/docs lists every operation of the OpenAPI document', (browser) =>
  visit(browser, '/api/docs', async (page) => {
    const { paths } = await (await fetch(`${origin}/api/domain/openapi.json`)).json();
    const operations = Object.values(paths).flatMap((path) =>
      Object.keys(path).filter((method) => ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'].includes(method)),
    );
    assert.ok(operations.length > 100);
    await page.locator('.opblock').nth(operations.length - 1).waitFor();
    assert.equal(await page.locator('.opblock').count(), operations.length);
    assert.equal(await page.locator('.errors-wrapper').count(), 0);
  }));

test('/api/docs tries an operation out', (browser) =>
  visit(browser, '/api/docs', async (page) => {
    const users = '/api/domain/odata/Systems_Security_Users';
    const operation = page.locator('.opblock-get', {
      has: page.locator(`.opblock-summary-path[data-path="${users}"]`),
    });
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    assert.match(await answer.innerText(), /^200/m);
    assert.match(await answer.innerText(), /"Login":/);
  }));

test('/api/docs creates an entity', (browser) =>
  visit(browser, '/api/docs', async (page) => {
    const users = '/api/domain/odata/Systems_Security_Users';
    const operation = page.locator('.opblock-post', {
      has: page.locator(`.opblock-summary-path[data-path="${users}"]`),
    });
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    const user = { Login: `browser.${Date.now()}`, Name: { EN: 'B' }, UserType: 'VirtualUserNoLogin' };
    await operation.locator('textarea.body-param__text').fill(JSON.stringify(user));
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    const text = await answer.innerText();
    assert.match(text, /^201/m);
    // The page itself undoes it: a browser says where a change comes from, and that is taken.
    const [, address] = /location: (\S+)/.exec(text);
    const remove = (address) => fetch(address, { method: 'DELETE' }).then(({ status }) => status);
    assert.equal(await page.evaluate(remove, address), 204);
  }));

test('the page signs in and out', async (browser) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Login').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(process.env.USERDEX_ADMIN_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Signed in as admin').waitFor();
  const users = '/api/domain/odata/Systems_Security_Users?$top=1';
  const ask = (address) => fetch(address).then(({ status }) => status);
  assert.equal(await page.evaluate(ask, users), 200);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Login').waitFor();
  assert.equal(await page.evaluate(ask, users), 401);
  await context.close();
});

const browser = await chromium.launch({ executablePath, args });
await tests.run(browser);
await browser.close();
