import path from 'node:path';
import { rolldown, type Plugin } from 'rolldown';

/** What is started as a process or a thread: its name in the bundle, and its source. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cli: 'pipelines/cli.ts',
  'large-thread': 'service/load/large-thread.ts',
};
/** Packages that load a library of the platform from beside themselves, and a verb that has no place in an image. */
const LEFT_OUTSIDE = [/^onnxruntime-node$/, /^@duckdb\//, /^pg-native$/, /exception-test/];

/**
 * Writes the command line with its packages into a few files, `cli.js` first: read one by one, several hundred modules are
 * what the start of a server takes longest for. The folder is one within `root`, as files that are no code (pages, SQL,
 * workflows, models) are read from where they lie. Throws when an import leads nowhere.
 */
export async function bundle(root: string, folder: string): Promise<void> {
  const programs = Object.entries(PROGRAMS).map(([name, source]) => [name, path.join(root, source)] as const);
  const built = await rolldown({
    cwd: root,
    input: Object.fromEntries(programs),
    platform: 'node',
    external: LEFT_OUTSIDE,
    plugins: [placesKept(folder, new Map(programs.map(([name, source]) => [source, name])))],
    onLog(level, log, tell) {
      // Else the program would fail where it runs.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      tell(level, log);
    },
  });
  const place = { dir: folder, cleanDir: true };
  await built.write({ ...place, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await built.close();
}

/** A module still finds what lies beside its source, and starts programs that are in the bundle as they are there. */
function placesKept(folder: string, names: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'places-kept',
    transform: {
      filter: { id: /\.ts$/, code: 'import.meta.' },
      handler(code, id) {
        const source = path.relative(folder, id).replaceAll(path.sep, '/');
        return code.replaceAll(
          /new URL\('([^']+)', import\.meta\.url\)|import\.meta\.(?:url|dirname)\b/g,
          (found, relative?: string) => {
            const name = relative && names.get(path.resolve(path.dirname(id), relative));
            if (name !== undefined && name !== '') return `new URL('./${name}.js', import.meta.url)`;
            if (found === 'import.meta.dirname') return `(import.meta.dirname + '/${path.posix.dirname(source)}')`;
            const url = `new URL('${source}', import.meta.url)`;
            return relative === undefined ? `${url}.href` : `new URL('${relative}', ${url})`;
          },
        );
      },
    },
  };
}

if (import.meta.main) {
  const [root = '.', folder = path.join(root, 'bundle')] = process.argv.slice(2);
  await bundle(path.resolve(root), path.resolve(folder));
}
