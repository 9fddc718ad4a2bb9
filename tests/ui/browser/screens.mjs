// Screenshots of every screen in both themes and phone width, to be looked at.
//   node tests/ui/browser/screens.mjs <folder>
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launch, openPage, startServer } from './browser.mjs';

const [folder = 'screens'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const SCREENS = [
  ['apps', '#/apps'], ['flat', '#/apps?layout=flat'], ['group', '#/group/shop'], ['app', '#/apps/shop/cart'],
  ['waiting', '#/apps/ml/train'], ['configuration', '#/apps/shop/web?tab=configuration'], ['debug', '#/apps/shop/cart?tab=debug'], ['versions', '#/apps/shop/web?tab=versions'],
  ['deployments', '#/deployments'], ['about', '#/about'], ['missing', '#/apps/nothing'],
];
const DIALOGS = [
  ['editor', (page) => page.keyboard.press('c')],
  ['help', (page) => page.keyboard.press('?')],
  ['scale', (page) => page.getByRole('button', { name: 'Scale', exact: true }).click(), '#/apps/shop/web'],
];
const LOOKS = [
  ['light', { colorScheme: 'light' }], ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
];

const server = await startServer({ stepMilliseconds: 9000 });
const browser = await launch();
for (const [look, options] of LOOKS) {
  server.marathon.update('/shop/web', { instances: 12 }, { partial: true, force: true });
  server.marathon.update('/plain', { cmd: `sleep ${look.length}000` }, { partial: true, force: true });
  for (const [name, hash, act] of [...SCREENS, ...DIALOGS.map(([dialog, run, at]) => [dialog, at ?? '#/apps', run])]) {
    const page = await openPage(browser, server.url, { hash, ...options });
    await page.locator('.freshness.live').waitFor();
    await page.waitForTimeout(400);
    if (act) await act(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: path.join(folder, `${look}-${name}.png`) });
    if (page.problems.length > 0) console.log(name, page.problems);
    await page.context().close();
  }
}
await browser.close();
await server.close();
