// No screen has a serious finding of axe-core (WCAG 2.2 AA), in light, dark and phone width.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, openPage, startServer } from './browser.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const SCREENS = [
  ['applications', '#/apps'], ['a flat list', '#/apps?layout=flat'], ['a group', '#/group/shop'],
  ['an application', '#/apps/shop/cart'], ['an application that waits', '#/apps/ml/train'],
  ['configuration', '#/apps/shop/web?tab=configuration'], ['versions', '#/apps/shop/web?tab=versions'],
  ['deployments of an application', '#/apps/shop/web?tab=deployments'], ['debug', '#/apps/shop/cart?tab=debug'],
  ['deployments', '#/deployments'], ['about', '#/about'], ['nothing', '#/apps/nothing'],
];
const DIALOGS = [
  ['the editor', (page) => page.keyboard.press('c')], ['help', (page) => page.keyboard.press('?')],
  ['scale', (page) => page.getByRole('button', { name: 'Scale', exact: true }).click(), '#/apps/shop/web'],
  ['destroy', (page) => page.getByRole('button', { name: 'Destroy' }).click(), '#/apps/shop/web'],
];
const LOOKS = [
  ['light', { colorScheme: 'light' }], ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
];
// The phone hides some buttons behind a menu; their dialogs are the same ones.
const PHONE_DIALOGS = new Set(['the editor', 'help']);

let server;
let browser;

before(async () => {
  server = await startServer({ stepMilliseconds: 60_000 });
  server.marathon.update('/shop/web', { instances: 12 }, { partial: true, force: true });
  server.marathon.update('/shop/web', { instances: 9 }, { partial: true, force: true });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function findings(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), RULES);
  return result.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

for (const [look, options] of LOOKS) {
  test(`axe finds nothing serious, ${look}`, async () => {
    const page = await openPage(browser, server.url, options);
    await page.locator('.freshness.live').waitFor();
    const all = [];
    const note = async (name) => all.push(...(await findings(page)).map((text) => `${name}: ${text}`));
    for (const [name, hash] of SCREENS) {
      await page.evaluate((to) => { location.hash = to; }, hash);
      await page.locator('main').waitFor();
      await page.waitForTimeout(150);
      await note(name);
    }
    for (const [name, open, at = '#/apps'] of DIALOGS) {
      if (look === 'phone' && !PHONE_DIALOGS.has(name)) continue;
      await page.evaluate((to) => { location.hash = to; }, at);
      await page.locator('main').waitFor();
      await open(page);
      await page.locator('dialog').waitFor();
      await page.waitForTimeout(600);
      await note(name);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
    }
    assert.deepEqual(all, []);
    await page.context().close();
  });
}
