// Ten thousand apps: the page draws few rows, paints soon and follows a change soon.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { REAL_URL, launch, openPage } from './browser.mjs';
import { seedMany, startFakeServer } from '../fake_server.mjs';

const APPS = 10_000;
const UPDATE_MILLISECONDS_MAX = 1500;
const options = { skip: REAL_URL ? 'needs the fake server' : false };
let browser;
let server;

before(async () => {
  if (REAL_URL) return;
  server = await startFakeServer({ stepMilliseconds: 50 });
  seedMany(server.marathon, APPS);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('ten thousand apps stay smooth', options, async () => {
  const page = await openPage(browser, server.url, { hash: '#/apps?layout=flat' });
  await page.locator('.window-list .row').first().waitFor();
  assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), String(APPS + 1));
  assert.ok(await page.locator('.window-list .row').count() < 80);
  await page.locator('.window-list').evaluate((list) => { list.scrollTop = list.scrollHeight; });
  await page.locator(`.row[aria-rowindex="${APPS + 1}"]`).waitFor();
  await page.getByRole('searchbox').fill('app-1234');
  const row = page.locator('.row', { has: page.locator('a[title="/group-34/app-1234"]') });
  await row.waitFor();
  const started = Date.now();
  server.marathon.update('/group-34/app-1234', { instances: 4 }, { partial: true, force: true });
  await row.getByText('/ 4').waitFor();
  const took = Date.now() - started;
  console.log(`change to pixel with ${APPS} apps: ${took} ms`);
  assert.ok(took < UPDATE_MILLISECONDS_MAX, `took ${took} ms`);
  assert.deepEqual(page.problems, []);
});
