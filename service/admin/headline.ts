import type { ArmComparison } from '../../pipelines/core/experiment.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';
import { decimalsFor, numberText } from './number-text.ts';

/** The answer to "did the model pay?" in a sentence, with what stands behind it. */
export interface Headline {
  verdict: 'more' | 'less' | 'unclear' | 'none';
  sentence: string;
  detail: string;
}

/** Says no more than the interval does: it takes a side only when zero lies outside. */
export function headlineOf({ experiment, valueUnit }: Pick<ModelReport, 'experiment' | 'valueUnit'>): Headline {
  if (experiment === undefined || !Number.isFinite(experiment.low) || !Number.isFinite(experiment.high)) {
    return {
      verdict: 'none',
      sentence: 'Too early to say whether the model pays.',
      detail: 'Some customers are left alone on purpose. Once enough is known of both groups, they are compared here.',
    };
  }
  const { low, high } = experiment;
  if (low > 0) return decided(experiment, valueUnit, 'more');
  if (high < 0) return decided(experiment, valueUnit, 'less');
  const decimals = decimalsFor(high - low);
  const between = `between ${numberText(low, decimals, true)} and ${numberText(high, decimals, true)} ${valueUnit}`;
  return {
    verdict: 'unclear',
    sentence: `Cannot tell yet whether the model pays: the difference is ${between} for each customer (${sureness(experiment)}).`,
    detail: `So far: ${customers(experiment)}. More days make the range narrower.`,
  };
}

function decided(experiment: ArmComparison, unit: string, verdict: 'more' | 'less'): Headline {
  const { low, high, difference, treated } = experiment;
  // The end next to zero keeps a digit, so that it does not read as zero.
  const nearest = Math.min(Math.abs(low), Math.abs(high));
  const decimals = Math.max(decimalsFor(high - low), decimalsFor(nearest) - 1);
  const size = (value: number) => numberText(Math.abs(value), decimals);
  const total = (value: number) => numberText(Math.abs(value) * treated.entities, 0);
  const [from, to] = verdict === 'more' ? [low, high] : [high, low];
  const sum = `about ${total(difference)} ${unit} ${verdict} in all (${total(from)} to ${total(to)})`;
  return {
    verdict,
    sentence:
      `Customers the model could act on brought in ${size(difference)} ${unit} ${verdict} each than those it could not ` +
      `(between ${size(from)} and ${size(to)}, ${sureness(experiment)}).`,
    detail: `Over ${customers(experiment)}: ${sum}.`,
  };
}

function customers({ treated, holdout }: ArmComparison): string {
  return `${numberText(treated.entities, 0)} customers acted on, against ${numberText(holdout.entities, 0)} left alone`;
}

function sureness({ confidence }: ArmComparison): string {
  return `${Number((confidence * 100).toFixed(1))}\u00a0% sure`;
}
