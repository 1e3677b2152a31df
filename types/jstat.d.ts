// jstat ships no types; these are the functions that we call.
declare module 'jstat' {
  const jstat: {
    /** Regularized incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    studentt: {
      /** The quantile of Student's t at probability `p`. */
      inv(p: number, degreesOfFreedom: number): number;
    };
  };
  export default jstat;
}
