import type { ImageDescription } from './image-layout.ts';
import type { ShippedModel } from './stage-models.ts';

export interface BuildFacts {
  server: string;
  repository: string;
  commit: string;
  ref: string;
  /** `owner/name/.github/workflows/file.yml@ref` */
  workflow: string;
  runId: string;
  runAttempt: string;
  tool: string;
  baseImage: string;
  /** Name and SHA-256 of the files that decide. */
  files: Record<string, string>;
  models: readonly ShippedModel[];
  image: ImageDescription;
}

/** Where an image comes from: the predicate of https://slsa.dev/spec/v1.0/provenance */
export function provenance(facts: BuildFacts): object {
  const repository = `${facts.server}/${facts.repository}`;
  return {
    buildDefinition: {
      buildType: `${repository}/tree/main/actions/build-image`,
      externalParameters: { workflow: facts.workflow, baseImage: facts.baseImage },
      internalParameters: { tool: facts.tool, layers: facts.image.layers },
      resolvedDependencies: [
        { uri: `git+${repository}@${facts.ref}`, digest: { gitCommit: facts.commit } },
        ...Object.entries(facts.files).map(([name, sha256]) => ({ name, digest: { sha256 } })),
        ...facts.models.map(({ model, version, sha256 }) => ({
          name: `model ${model} ${version}`,
          digest: { sha256 },
        })),
      ],
    },
    runDetails: {
      builder: { id: `${facts.server}/${facts.workflow}` },
      metadata: { invocationId: `${repository}/actions/runs/${facts.runId}/attempts/${facts.runAttempt}` },
    },
  };
}
