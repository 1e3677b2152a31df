import type { LoadedModel } from '../models/loaded-model.ts';
import { NUMBER_TYPES } from './datatypes.ts';
import { tensorsOf } from './model-tensors.ts';

/**
 * The metadata of a model: `inputs` is the one tensor, and `parameters.features`, beyond the protocol, its columns, each
 * of which can be an input of its own instead. `versions` are those that answer.
 */
export function modelMetadata(loaded: LoadedModel, versions: readonly string[]): object {
  const { input, output, columns } = tensorsOf(loaded);
  return {
    name: loaded.version.model,
    versions,
    platform: 'onnxruntime_onnx',
    inputs: [{ name: input, datatype: 'FP32', shape: [-1, columns.length] }],
    outputs: [{ name: output, datatype: 'FP32', shape: [-1] }],
    parameters: {
      features: columns.map(({ name, feature }) => ({
        name,
        datatypes: feature.type === 'category' ? ['BYTES'] : [...NUMBER_TYPES.keys()],
        shape: [-1],
        ...feature,
      })),
    },
  };
}
