import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['node_modules/', '.cleaver/', 'bundle/', 'coverage/', '**/fixtures/', 'bench/exceptions/ten-bugs/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      // Numbers in messages are the point of most of ours.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The dot that strict tsc forbids on index signatures (noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // That an error reaches whoever handles it, with its cause and the whole way it came, and that a test of it can fail; the
      // presets have the rest. Arrow functions are left out of the first: fakes that return Promise.resolve() read better so.
      '@typescript-eslint/promise-function-async': ['error', { checkArrowFunctions: false }],
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: false, allowThrowingUnknown: false },
      ],
      'preserve-caught-error': ['error', { requireCatchParameter: true }],
      'no-restricted-syntax': [
        'error',
        ...['CatchClause', "CallExpression[callee.property.name='catch']"].map((handler) => ({
          selector: `${handler} CallExpression[callee.name='expect']`,
          message: 'An expect in a catch says nothing when nothing is thrown; use toThrow or rejects.',
        })),
      ],
    },
  },
  // Plain JavaScript here runs in the manager's browser; it has no types to check.
  { files: ['**/*.js', '**/*.cjs', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
