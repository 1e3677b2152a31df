#!/usr/bin/env bash
# Follows docs/exceptions.md, section "In another project", in a project that is not ours: the commands are read from the page.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
# As one would have it: the system's Node may be older than what the page asks for.
PATH=$root/node_modules/.bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PACKED=$work/packed

# The code block behind a mark of the page.
block() {
  awk -v mark="<!-- stranger: $1 -->" '$0 == mark { found = 1 } found && /^```/ { inside = !inside; if (!inside) exit; next } inside' "$root/docs/exceptions.md"
}

# Downloads may fail; nothing else is tried again.
retry() { "$@" || { sleep 5; "$@"; } || { sleep 20; "$@"; }; }

expect() {
  if ! grep -qF -- "$2" "$1"; then
    echo "There is no \"$2\" in:" >&2
    cat "$1" >&2
    exit 1
  fi
}

cd "$root"
bash -euc "$(block pack)"

# Another layout than ours: JavaScript, sources in lib, tests in spec, no configuration, no git.
mkdir -p "$work/till/lib" "$work/till/spec"
cd "$work/till"
cat >package.json <<'JSON'
{ "name": "till", "version": "1.0.0", "type": "module", "devDependencies": { "vitest": "5.1.1", "typescript": "6.0.3" } }
JSON
cat >lib/till.js <<'JS'
export function change(paid, price) {
  if (paid < price) throw new RangeError(`${paid} is too little`);
  return paid - price;
}

export async function book(journal, line) {
  try {
    await journal.append(line);
  } catch {}
}
JS
cat >spec/till.test.js <<'JS'
import { expect, test } from 'vitest';
import { change } from '../lib/till.js';

test('the rest is given back', () => {
  expect(change(5, 3)).toBe(2);
});
JS
retry npm install --no-audit --no-fund --loglevel=error
retry bash -euc "$(block install) --no-audit --no-fund --loglevel=error"
block vitest.config.js >vitest.config.js

echo '--- a path that no test reaches turns a plain run red'
if npx vitest run >"$work/plain" 2>&1; then echo 'It is green.' >&2; exit 1; fi
expect "$work/plain" 'lib/till.js:2  throw  unreached'
expect "$work/plain" 'lib/till.js:9  catch  unreached'

echo '--- reached, but with nothing asserted, it is red on level 2; a swallowed error is red'
cat >>spec/till.test.js <<'JS'
import { book } from '../lib/till.js';

test('too little is too little', () => {
  try {
    change(3, 5);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
  }
});

test('a line is booked', async () => {
  await book({ append: () => Promise.reject(new Error('no room')) }, 'line');
});
JS
if bash -euc "$(block run)" >"$work/two" 2>&1; then echo 'It is green.' >&2; exit 1; fi
expect "$work/two" 'lib/till.js:2  throw  survivor'
expect "$work/two" 'lib/till.js:9  catch  swallowed'

echo '--- asserted and handled, it is green'
cat >lib/till.js <<'JS'
export function change(paid, price) {
  if (paid < price) throw new RangeError(`${paid} is too little`);
  return paid - price;
}

export async function book(journal, line) {
  try {
    await journal.append(line);
    return 'booked';
  } catch (error) {
    return `not booked: ${error.message}`;
  }
}
JS
cat >spec/till.test.js <<'JS'
import { expect, test } from 'vitest';
import { book, change } from '../lib/till.js';

test('the rest is given back', () => {
  expect(change(5, 3)).toBe(2);
});

test('too little is too little', () => {
  expect(() => change(3, 5)).toThrow('3 is too little');
});

test('a line that cannot be booked is told', async () => {
  expect(await book({ append: () => Promise.reject(new Error('no room')) }, 'line')).toBe('not booked: no room');
});
JS
bash -euc "$(block run)" >"$work/three" 2>&1 || { cat "$work/three" >&2; exit 1; }
expect "$work/three" '2  2 (100 %)  2 (100 %)'
echo 'As the page says.'
