// The story that the end-to-end test plays on a real cluster, here on the fake server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { REAL_URL, startServer } from './browser.mjs';

const STORY = path.join(path.dirname(fileURLToPath(import.meta.url)), 'scale_story.mjs');

test('the scale story ends with a screenshot and exit code 0', { skip: REAL_URL ? 'the end-to-end test plays it' : false }, async () => {
  const server = await startServer();
  const folder = mkdtempSync(path.join(tmpdir(), 'ekiden-ui-'));
  try {
    const picture = path.join(folder, 'four.png');
    await promisify(execFile)(process.execPath, [STORY, server.url, '/hello', picture]);
    assert.ok(existsSync(picture));
    await assert.rejects(promisify(execFile)(process.execPath, [STORY]), /usage/);
  } finally {
    rmSync(folder, { recursive: true });
    await server.close();
  }
});
