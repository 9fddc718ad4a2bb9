// Scales an app from 1 to 4 through the page and waits until four healthy instances are shown.
//   node tests/ui/browser/scale_story.mjs <base-url> <app-id> <screenshot.png>
// Exit code 0, or 1 with the reason on standard error. The end-to-end test runs it on a real cluster.
import { launch, openPage } from './browser.mjs';

const FROM = 1;
const TO = 4;
const WAIT_MILLISECONDS = 120_000;

function instances(page, health) {
  return page.locator(`[data-testid=instances] tbody tr[data-state=TASK_RUNNING][data-health=${health}]`);
}

async function waitForCount(locator, count) {
  const deadline = Date.now() + WAIT_MILLISECONDS;
  for (;;) {
    const found = await locator.count();
    if (found === count) return;
    if (Date.now() > deadline) throw new Error(`expected ${count} healthy running instances on the page, saw ${found}`);
    await locator.page().waitForTimeout(100);
  }
}

async function play(page, id) {
  const name = id.split('/').at(-1);
  await page.locator('.freshness.live').waitFor({ timeout: WAIT_MILLISECONDS });
  await page.getByRole('searchbox').fill(id);
  await page.locator(`a.row-link[title="${id}"]`).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
  await waitForCount(instances(page, 'healthy'), FROM);
  await page.getByRole('button', { name: 'Scale', exact: true }).click();
  await page.locator('dialog input[name=instances]').fill(String(TO));
  await page.getByRole('button', { name: `Scale to ${TO}` }).click();
  await waitForCount(instances(page, 'healthy'), TO);
  await page.getByTestId('sentence').filter({ hasText: `Running ${TO} of ${TO}, all healthy` })
    .waitFor({ timeout: WAIT_MILLISECONDS });
}

export async function scaleStory(url, id, screenshot) {
  const browser = await launch();
  try {
    const page = await openPage(browser, url.replace(/(\/ui)?\/*$/, ''), { hash: '#/apps' });
    try {
      await play(page, id);
    } finally {
      await page.screenshot({ path: screenshot });
    }
    if (page.problems.length > 0) throw new Error(`the page reported: ${page.problems.join('; ')}`);
  } finally {
    await browser.close();
  }
}

async function main() {
  const [url, id, screenshot] = process.argv.slice(2);
  if (screenshot === undefined) {
    throw new Error('usage: node scale_story.mjs <base-url> <app-id> <screenshot.png>');
  }
  await scaleStory(url, id.startsWith('/') ? id : `/${id}`, screenshot);
}

if (import.meta.url === `file://${process.argv[1]}`) {
  main().catch((error) => {
    console.error(`scale story failed: ${error.message}`);
    process.exitCode = 1;
  });
}
