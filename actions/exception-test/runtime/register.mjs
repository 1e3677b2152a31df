// Loaded by NODE_OPTIONS into each Node process that a test starts. JavaScript, as an older Node may meet it, and leave it.
import module from 'node:module';
import process from 'node:process';
import { URL } from 'node:url';

const { EXCEPTION_TEST_SESSION, EXCEPTION_TEST_ERRAND } = process.env;
// A thread that shares its environment with the one that started it is told by the address.
const told = new URL(import.meta.url).searchParams;
const session = told.get('session') ?? EXCEPTION_TEST_SESSION;

if (session !== undefined && module.registerHooks && process.features.typescript) {
  const { joinSession } = await import('./join-session.ts');
  joinSession(session, told.get('errand') ?? EXCEPTION_TEST_ERRAND ?? '{"test":""}');
}
