/** Imports point one way: core ← adapters ← steps ← {actions, cli}, service → core. Run by `npm run check`. */
export default {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'Nouns do no I/O: core imports core, and libraries that compute.',
      severity: 'error',
      from: { path: '^pipelines/core/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: ['^pipelines/core/', '^node_modules/(zod|pure-rand|jstat|croner)/', '^node:crypto$', '^crypto$'] },
    },
    {
      name: 'adapters-know-no-steps',
      severity: 'error',
      from: { path: '^pipelines/(adapters|config[.]ts)' },
      to: { path: ['^pipelines/(steps|cli)', '^service/', '^actions/'] },
    },
    {
      name: 'steps-know-no-edges',
      severity: 'error',
      from: { path: '^pipelines/steps/' },
      to: { path: ['^pipelines/cli', '^service/', '^actions/', '^sample/'] },
    },
    {
      name: 'service-runs-no-steps',
      severity: 'error',
      from: { path: '^service/', pathNot: '[.]test[.]ts$' },
      to: { path: ['^pipelines/(steps|cli)', '^sample/', '^actions/'] },
    },
    {
      name: 'exception-test-stands-alone',
      comment: 'Other projects take the folder as it is; main.ts is what ties it to our actions.',
      severity: 'error',
      from: { path: '^actions/exception-test/', pathNot: ['/(main|base-of-event)[.]ts$', '[.]test[.]ts$'] },
      to: { path: '^(actions|pipelines|service|sample|tests)/', pathNot: '^actions/exception-test/' },
    },
    {
      name: 'sample-can-be-deleted',
      severity: 'error',
      from: { path: '^(pipelines|service|actions)/' },
      to: { path: '^(sample|models)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  required: [
    {
      name: 'steps-are-seen',
      comment: 'Fails when the tool reads no module: every step uses the context.',
      severity: 'error',
      module: { path: '^pipelines/steps/(etl|train|evaluate|promote|deliver|report|watch|dispatch|loop)[.]ts$' },
      to: { path: '^pipelines/steps/context[.]ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/fixtures/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'default'] },
  },
};
