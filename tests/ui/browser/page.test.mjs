// The page in Chromium. With EKIDEN_URL set it runs on that server, without the tests that need the
// fake one; otherwise a fake server is started.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { REAL_URL, launch, openPage, startServer } from './browser.mjs';

const needsFake = { skip: REAL_URL ? 'needs the fake server' : false };
const PATIENCE = 15_000;
let browser;
let server;
let url;

before(async () => {
  server = REAL_URL ? null : await startServer();
  url = (REAL_URL ?? server.url).replace(/\/+$/, '');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

// Opens the page, runs the story, and fails it when the page reported an error.
async function onPage(options, story) {
  const page = await openPage(browser, url, options);
  page.setDefaultTimeout(PATIENCE);
  try {
    await page.locator('.freshness.live').waitFor();
    await story(page);
    assert.deepEqual(page.problems, []);
  } finally {
    await page.context().close();
  }
}

const sentence = (page, text) => page.getByTestId('sentence').filter({ hasText: text }).waitFor();
const row = (page, id) => page.locator('.row', { has: page.locator(`a[title="${id}"]`) });
const newId = (name) => `/ui-test/${name}-${Date.now().toString(36)}`;

async function createFromJson(page, definition) {
  await page.keyboard.press('c');
  await page.locator('textarea[name=json]').fill(JSON.stringify(definition, null, 2));
  await page.getByRole('button', { name: 'Create', exact: true }).last().click();
}

async function destroyApp(page, id) {
  await page.getByRole('button', { name: 'Destroy' }).click();
  const confirm = page.locator('dialog button.danger');
  assert.ok(await confirm.isDisabled(), 'destroy must be typed first');
  await page.locator('input[name=confirm]').fill(id.split('/').at(-1));
  await confirm.click();
  await page.getByText(`There is no application ${id}`).waitFor();
}

test('an app is created from JSON, scaled, suspended, resumed and destroyed', async () => {
  const id = newId('story');
  await onPage({}, async (page) => {
    await createFromJson(page, { id, cmd: 'sleep 1000', cpus: 0.01, mem: 16, instances: 1, labels: { made: '<b>here</b>' } });
    await sentence(page, 'Running 1 of 1');
    await page.getByRole('button', { name: 'Scale', exact: true }).click();
    await page.locator('input[name=instances]').fill('3');
    await page.getByText('Starts 2 instances').waitFor();
    await page.keyboard.press('Enter');
    await sentence(page, 'Running 3 of 3');
    assert.equal(await page.locator('[data-testid=instances] tbody tr').count(), 3);
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Suspend' }).click();
    await sentence(page, 'Suspended');
    await page.getByRole('button', { name: 'Resume' }).click();
    assert.equal(await page.locator('input[name=instances]').inputValue(), '3', 'remembers the count from before');
    await page.getByRole('button', { name: 'Scale to 3' }).click();
    await sentence(page, 'Running 3 of 3');
    await destroyApp(page, id);
  });
});

test('what a change would do is shown before it is done, and versions can be compared and brought back', async () => {
  const id = newId('plan');
  await onPage({}, async (page) => {
    await createFromJson(page, { id, cmd: 'sleep 1000', cpus: 0.01, mem: 16, env: { A: '1' } });
    await sentence(page, 'Running 1 of 1');
    await page.getByRole('button', { name: 'Edit', exact: true }).first().click();
    const text = page.locator('textarea[name=json]');
    await text.fill((await text.inputValue()).replace('sleep 1000', 'sleep 2000'));
    await page.getByTestId('plan').getByText('/cmd').waitFor();
    await page.getByTestId('plan').getByText('sleep 2000').waitFor();
    await page.getByRole('button', { name: 'Apply changes' }).click();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByTestId('comparison').getByText('sleep 2000').waitFor();
    await page.getByTestId('comparison').getByText('sleep 1000').waitFor();
    await page.getByRole('button', { name: 'Go back…' }).first().click();
    await page.getByTestId('plan').getByText('sleep 1000').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();
    await sentence(page, 'Running 1 of 1');
    await page.getByRole('tab', { name: 'Deployments' }).click();
    await page.getByTestId('history').getByText('changed: /cmd').waitFor();
    await page.getByTestId('history').getByText('created').waitFor();
    await destroyApp(page, id);
  });
});

test('an app that waits says why, and its deployment can be paused and resumed', async () => {
  const id = newId('stuck');
  await onPage({}, async (page) => {
    await createFromJson(page, { id, cmd: 'sleep 1000', cpus: 0.01, mem: 16, instances: 100, constraints: [['hostname', 'LIKE', 'no-such-node']] });
    if (REAL_URL) await page.getByTestId('why').getByText('constraint').first().waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByTestId('halt').getByText('paused by').waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).first().click();
    await page.getByTestId('halt').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Roll back', exact: true }).first().click();
    await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText(`There is no application ${id}`).waitFor();
  });
});

test('the messages of the server are shown at field and line', async () => {
  await onPage({}, async (page) => {
    await createFromJson(page, { id: '/BAD id', cmd: 'sleep 1', constraints: [['hostname', 'UNIQUE', 'x']] });
    await page.locator('.problem').waitFor();
    await page.locator('#error-id').waitFor();
    assert.equal(await page.locator('#field-id').getAttribute('aria-invalid'), 'true');
    assert.ok(await page.locator('.gutter .marked').count() >= 1);
  });
});

test('malformed JSON is told before sending, with its line', async () => {
  await onPage({}, async (page) => {
    await page.keyboard.press('c');
    await page.locator('textarea[name=json]').fill('{\n  "id": "/x"\n  "cpus": 1\n}');
    await page.getByText('Line 3: a comma is missing before this').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Create', exact: true }).last().isDisabled());
  });
});

test('the form and the JSON edit one text, and unknown members survive', async () => {
  await onPage({}, async (page) => {
    await page.keyboard.press('c');
    await page.locator('textarea[name=json]').fill('{\n  "id": "/x",\n  "someday": {"a": 1.50},\n  "cpus": 1\n}');
    await page.locator('#field-cpus').fill('0.25');
    await page.locator('#field-image').fill('nginx');
    const text = await page.locator('textarea[name=json]').inputValue();
    assert.match(text, /"someday": \{"a": 1\.50\}/);
    assert.deepEqual(JSON.parse(text).container, { type: 'DOCKER', docker: { image: 'nginx' } });
    assert.equal(JSON.parse(text).cpus, 0.25);
  });
});

test('the keys of the old page work', async () => {
  await onPage({}, async (page) => {
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
    await page.keyboard.type('nothing-has-this-name');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Help and keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Deployments', exact: true }).waitFor();
  });
});

test('old links and groups open the right screens', needsFake, async () => {
  await onPage({ hash: '#/apps/%2Fshop%2Fweb/configuration' }, async (page) => {
    await page.getByRole('tab', { name: 'Configuration', selected: true }).waitFor();
    await page.getByRole('link', { name: 'shop', exact: true }).click();
    await row(page, '/shop/cart').waitFor();
    await row(page, '/shop/db').waitFor();
    await page.getByRole('searchbox').fill('tier:data');
    await row(page, '/shop/db/main').waitFor();
    assert.equal(await page.locator('.window-list .row').count(), 1);
    assert.match(page.url(), /q=tier/, 'the filter is part of the address');
  });
});

test('changes made elsewhere appear without any list read', needsFake, async () => {
  await onPage({ hash: '#/apps/hello' }, async (page) => {
    await sentence(page, 'Running 1 of 1, all healthy');
    const before = server.requests.length;
    server.marathon.update('/hello', { instances: 3 }, { partial: true, force: true });
    await sentence(page, 'Running 3 of 3, all healthy');
    const reads = server.requests.slice(before);
    assert.ok(!reads.some((line) => /GET \/v2\/apps(\?|$)/.test(line)), reads.join('\n'));
    const others = reads.filter((line) => line.includes('/v2/apps/') && !line.includes('/v2/apps/hello'));
    assert.deepEqual(others, []);
  });
});

test('nothing is asked of the server while nothing happens', needsFake, async () => {
  await onPage({ hash: '#/apps' }, async (page) => {
    await row(page, '/hello').waitFor();
    await page.waitForTimeout(1500);
    const before = server.requests.length;
    await page.waitForTimeout(2500);
    assert.equal(server.requests.length, before);
  });
});

test('a health change shows as words and next step', needsFake, async () => {
  await onPage({ hash: '#/apps/shop/web' }, async (page) => {
    await sentence(page, 'Running 8 of 8, all healthy');
    const [task] = server.marathon.tasks.get('/shop/web').values();
    server.marathon.setHealth(task, false);
    await sentence(page, '1 of 8 running instances fails its health check: HTTP status 503');
    server.marathon.setHealth(task, true);
    await sentence(page, 'Running 8 of 8, all healthy');
  });
});

test('the badge says when the stream is lost, and one full read follows', needsFake, async () => {
  await onPage({ hash: '#/apps' }, async (page) => {
    await row(page, '/hello').waitFor();
    server.setDown(true);
    server.dropStreams();
    await page.locator('.freshness.lost').waitFor();
    await page.getByText('Reconnecting').waitFor();
    server.marathon.seed({ id: '/made-meanwhile', cmd: 'sleep 1', instances: 1 });
    server.setDown(false);
    await page.locator('.freshness.live').waitFor();
    await row(page, '/made-meanwhile').waitFor();
  });
});

test('a locked app asks whether to force', needsFake, async () => {
  server.marathon.seed({ id: '/locked', cmd: 'sleep 1', instances: 1 });
  server.marathon.step = 5000;
  try {
    server.marathon.update('/locked', { instances: 2 }, { partial: true });
    await onPage({ hash: '#/apps/locked' }, async (page) => {
      await page.getByTestId('deployment').waitFor();
      await page.getByRole('button', { name: 'Scale', exact: true }).click();
      await page.locator('input[name=instances]').fill('5');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Another deployment is changing this app' }).waitFor();
      server.marathon.step = 100;
      await page.getByRole('button', { name: 'Force' }).click();
      await sentence(page, 'Running 5 of 5');
    });
  } finally {
    server.marathon.step = 120;
  }
});

test('a locked app asks in the editor, too, and nothing typed is lost', needsFake, async () => {
  server.marathon.seed({ id: '/locked-edit', cmd: 'sleep 1', instances: 1 });
  server.marathon.step = 5000;
  try {
    server.marathon.update('/locked-edit', { instances: 2 }, { partial: true });
    await onPage({ hash: '#/apps/locked-edit' }, async (page) => {
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.locator('#field-cmd').fill('sleep 2');
      await page.getByRole('button', { name: 'Apply changes' }).click();
      await page.getByText('Another deployment is changing this app').waitFor();
      server.marathon.step = 100;
      await page.getByRole('button', { name: 'Force' }).click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      assert.equal(server.marathon.app('/locked-edit').cmd, 'sleep 2');
    });
  } finally {
    server.marathon.step = 120;
  }
});

test('a deployment is watched and rolled back', needsFake, async () => {
  server.marathon.seed({ id: '/rolling', cmd: 'sleep 1', instances: 1 });
  server.marathon.step = 5000;
  try {
    server.marathon.update('/rolling', { instances: 4 }, { partial: true });
    await onPage({ hash: '#/deployments' }, async (page) => {
      const card = page.getByTestId('deployment').filter({ hasText: '/rolling' });
      await card.waitFor();
      server.marathon.step = 100;
      await card.getByRole('button', { name: 'Roll back' }).click();
      await page.locator('dialog').getByRole('button', { name: 'Roll back' }).click();
      await page.getByText('Nothing is being deployed').waitFor();
      assert.equal(server.marathon.app('/rolling').instances, 1);
      await page.getByRole('cell', { name: /Rolled back|Cancelled/ }).first().waitFor();
    });
  } finally {
    server.marathon.step = 120;
  }
});

test('one instance is killed and replaced, two are killed and not', needsFake, async () => {
  server.marathon.seed({ id: '/victim', cmd: 'sleep 1', instances: 3 });
  await onPage({ hash: '#/apps/victim' }, async (page) => {
    const rows = page.locator('[data-testid=instances] tbody tr');
    const first = await rows.first().locator('code').textContent();
    await rows.first().getByRole('button', { name: 'Kill' }).first().click();
    await page.locator('dialog').getByRole('button', { name: 'Kill', exact: true }).click();
    await page.locator('code', { hasText: first }).waitFor({ state: 'detached' });
    await sentence(page, 'Running 3 of 3');
    await rows.nth(0).getByRole('checkbox').check();
    await rows.nth(1).getByRole('checkbox').check();
    await page.locator('.bulk').getByRole('button', { name: 'Kill and scale' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Kill and scale' }).click();
    await sentence(page, 'Running 1 of 1');
  });
});

test('names and labels with markup are text', needsFake, async () => {
  await onPage({ hash: '#/apps/evil' }, async (page) => {
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('main img').count(), 0);
  });
});

test('the row menu works from the keyboard', needsFake, async () => {
  await onPage({ hash: '#/apps' }, async (page) => {
    const button = page.getByRole('button', { name: 'Actions for /plain' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Scale…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.equal((await page.evaluate(() => document.activeElement.textContent)).trim(), 'Restart…');
    await page.keyboard.press('Escape');
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
  });
});

test('the first page is small', needsFake, async () => {
  const before = server.transferred();
  await onPage({ hash: '#/apps' }, async () => {});
  const bytes = server.transferred() - before;
  assert.ok(bytes < 300 * 1024, `${bytes} bytes`);
});

test('a phone sees status and actions without scrolling sideways', needsFake, async () => {
  await onPage({ hash: '#/apps/shop/cart', viewport: { width: 390, height: 844 } }, async (page) => {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Destroy…' }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `page is ${width} wide`);
  });
});
