// Debian's Chromium for the browser tests, and the server they run against.
import { chromium } from 'playwright-core';
import { existsSync } from 'node:fs';
import { seedExample, startFakeServer } from '../fake_server.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Set: the tests run against that server, and those that need the fake one are skipped.
export const REAL_URL = process.env.EKIDEN_URL;

// playwright launches with a fresh user data folder and removes it at the end.
export function launch() {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`cannot start the browser: ${CHROMIUM} is missing; install the package chromium or set CHROMIUM`);
  }
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });
}

export async function startServer(options = {}) {
  const server = await startFakeServer({ stepMilliseconds: 120, ...options });
  seedExample(server.marathon);
  return server;
}

// A page that collects what must stay empty: script errors and refused content.
export async function openPage(browser, url, { hash = '#/apps', ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) page.problems.push(message.text());
  });
  await page.goto(`${url}/ui/${hash}`);
  return page;
}
