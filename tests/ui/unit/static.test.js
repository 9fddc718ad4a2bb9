// Rules about the files that are served.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PAGE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../ui_static');
const read = (name) => readFileSync(path.join(PAGE, name), 'utf8');

function filesBelow(folder, ending) {
  return readdirSync(path.join(PAGE, folder), { recursive: true })
    .map((name) => path.posix.join(folder, String(name)))
    .filter((name) => name.endsWith(ending) && statSync(path.join(PAGE, name)).isFile());
}

function importsOf(name) {
  const found = [...read(name).matchAll(/(?:from\s*|^import\s*|import\()["']([^"']+)["']/gm)];
  return found.map((match) => match[1]);
}

test('the page has no inline script or style and no foreign origin', () => {
  const html = read('index.html');
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=/);
  assert.doesNotMatch(html, /https?:\/\//);
});

test('nothing is put into the page as markup or code', () => {
  for (const name of filesBelow('js', '.js')) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
  }
});

test('only api.js knows addresses of the server, only dom.js the rendering libraries', () => {
  for (const name of filesBelow('js', '.js')) {
    if (name !== 'js/api.js') assert.doesNotMatch(read(name), /['"`]\/v2\//, name);
    const isAllowed = ['js/dom.js', 'js/events.js', 'js/json_text.js'].includes(name);
    if (!isAllowed) assert.ok(!importsOf(name).some((from) => from.includes('vendor')), name);
  }
});

test('models import models and format only', () => {
  for (const name of filesBelow('js/model', '.js')) {
    for (const from of importsOf(name)) assert.match(from, /^\.\/[a-z_]+\.js$|^\.\.\/format\.js$/, `${name}: ${from}`);
  }
});

test('every import leads to a file that is served', () => {
  for (const name of [...filesBelow('js', '.js'), ...filesBelow('vendor', '.js')]) {
    for (const from of importsOf(name)) {
      assert.match(from, /^\.{1,2}\//, `${name} imports ${from}`);
      assert.ok(statSync(path.join(PAGE, path.dirname(name), from)).isFile(), `${name} imports ${from}`);
    }
  }
});

test('lock files carry no addresses', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
  assert.doesNotMatch(readFileSync(path.join(PAGE, '../tests/ui/package-lock.json'), 'utf8'), /"resolved"/);
});
