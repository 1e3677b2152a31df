#!/usr/bin/env bash
# Runs before node_modules are there, so it is free of dependencies: bash, and any Node from 20 on with npm.
set -euo pipefail

MIN_NODE=20
# Packages that no job has asked for in so many days leave the store.
KEEP_DAYS=30
cache=${CLEAVER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cleaver}

main() {
  require_node
  local key store
  key=$(packages_key)
  store=$cache/node_modules-$key
  mkdir -p "$cache"
  if [ "$(cat node_modules/.cleaver-key 2>/dev/null)" = "$key" ]; then
    tell packages kept
  elif [ -d "$store" ]; then
    touch "$store"
    copy_tree "$store" node_modules
    tell packages kept
  else
    # Git hooks are for people.
    HUSKY=0 npm ci --no-progress || fail PACKAGES_FAILED 'npm ci has failed, its lines are above. Is the network there, and does package-lock.json fit package.json?'
    echo "$key" >node_modules/.cleaver-key
    store_packages "$store"
    tell packages installed
  fi
  find "$cache" -maxdepth 1 -name 'node_modules-*' -mtime "+$KEEP_DAYS" -exec rm -rf {} +
  echo "$PWD/node_modules/.bin" >>"$GITHUB_PATH"
  export_variable NODE_COMPILE_CACHE "$cache/compile-cache"
  export_variable EXCEPTION_TEST_CACHE "$cache/exception-test/${GITHUB_REPOSITORY:-here}"
  # In the checkout it would be swept by the next job.
  export_variable CLEAVER_HOME "${CLEAVER_HOME:-$HOME/.cleaver}"
  if [ "${TRAINER:-false}" = true ]; then
    PATH=$PWD/node_modules/.bin:$PATH node pipelines/cli.ts init || fail TRAINER_SETUP_FAILED "The trainer's environment could not be made, the lines above say why."
  fi
}

require_node() {
  local found
  found=$(node -p 'process.versions.node' 2>/dev/null) || fail NODE_MISSING "There is no Node on this runner. Install Node $MIN_NODE or newer with npm."
  [ "${found%%.*}" -ge "$MIN_NODE" ] || fail NODE_TOO_OLD "This runner has Node $found. Install Node $MIN_NODE or newer with npm."
  command -v npm >/dev/null || fail NODE_MISSING 'There is no npm on this runner. Install it beside Node.'
}

# What decides about node_modules, by content: the lock file, what package.json asks for, npm's settings, the platform.
packages_key() {
  node -p '
    const { readFileSync } = require("node:fs");
    const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(readFileSync("package.json", "utf8"));
    const hash = require("node:crypto").createHash("sha256");
    hash.update(JSON.stringify([dependencies, devDependencies, optionalDependencies, overrides]));
    hash.update(readFileSync("package-lock.json")).update(readFileSync(".npmrc"));
    `${process.platform}-${process.arch}-${hash.digest("hex").slice(0, 12)}`'
}

# Another job may store the same at the same time: the first one stays.
store_packages() {
  local made=$cache/.making-$$
  copy_tree node_modules "$made"
  mv -T "$made" "$1" 2>/dev/null || rm -rf "$made"
}

# Hard links take less than a second; clones are what macOS has; a plain copy works everywhere.
copy_tree() {
  local way
  for way in -al -Rc -R; do
    rm -rf "$2"
    if cp "$way" "$1" "$2" 2>/dev/null; then return 0; fi
  done
  fail DISK_FULL "The packages could not be copied from $1 to $2. Is there room on the disk?"
}

export_variable() {
  echo "$1=$2" >>"$GITHUB_ENV"
  echo "$1: $2"
}

tell() {
  echo "$1=$2" >>"$GITHUB_OUTPUT"
  echo "$1: $2"
}

fail() {
  echo "::error title=$1::$2"
  exit 2
}

main
