# Read by the hooks: they run on the Node 24 of `npm ci`, also where a shell or an editor finds another one or none.
if [ ! -d node_modules/@commitlint ]; then
  echo "The packages are not installed, so this hook cannot run. Install them with: npm ci" >&2
  exit 1
fi
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
