#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { cacheFolder } from './adapters/cache-folder.ts';
import { becomeServer } from './cli/server-flags.ts';

const compileCache = process.env['NODE_COMPILE_CACHE'] ?? path.join(cacheFolder(), 'compiled');
if (process.argv[2] === 'serve') becomeServer(compileCache);
// Halves the time until a command begins. Where the folder cannot be written, Node goes on without.
enableCompileCache(compileCache);
const { runCli } = await import('./cli/program.ts');

// Ended by Ctrl-C, a step may still be at work; it shall not hold the process. All it leaves is swept by the next command.
process.exit(await runCli(process.argv));
