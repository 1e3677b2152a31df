import { defineAction, runAction } from '../run-action.ts';
import { buildImage } from './build-image.ts';
import { imageInputs } from './image-inputs.ts';
import { imageSummary } from './image-summary.ts';

export const action = defineAction({
  inputs: imageInputs,
  secrets: ['password', 'signing-key', 'signing-password'],
  outputs: ['image', 'digest', 'tag', 'size', 'base-size', 'layers', 'pushed', 'models', 'signed'],
  async run(inputs, job) {
    const built = await buildImage(inputs, job);
    job.summarize(imageSummary(built));
    const { image, description, tag, pushed, models, signed } = built;
    job.line(`${image}@${description.digest}: ${description.bytes} bytes, ${pushed ?? 'none'} of them pushed`);
    return {
      image: `${image}@${description.digest}`,
      digest: description.digest,
      tag,
      size: description.bytes,
      'base-size': description.baseBytes,
      layers: description.layers,
      pushed,
      models,
      signed,
    };
  },
});

if (import.meta.main) await runAction(action);
