#!/usr/bin/env node
import { runCli } from './cli/program.ts';

// Ended by Ctrl-C, a step may still be at work; it shall not hold the process. All it leaves is swept by the next command.
process.exit(await runCli(process.argv));
