/** The models `first.onnx` and `second.onnx` in tests/models as formulas: the chance that a label is 1. */
export const KNOWN_MODELS = {
  first: (x0: number, x1: number) => sigmoid(x0 + 2 * x1),
  second: (x0: number, x1: number) => sigmoid(0.5 * x1 - x0 - 1),
} as const;

export type KnownModel = keyof typeof KNOWN_MODELS;

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
