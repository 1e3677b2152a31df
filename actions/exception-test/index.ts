export type { ExceptionTestOptions } from './options.ts';
export { exceptionTest } from './plugin.ts';
