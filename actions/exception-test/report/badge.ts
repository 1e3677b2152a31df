import type { ExceptionResult } from '../result.ts';
import { isAsserted, percent } from './counts.ts';

/** What shields.io reads from an endpoint; https://shields.io/badges/endpoint-badge. */
export interface BadgeEndpoint {
  schemaVersion: 1;
  label: string;
  message: string;
  color: string;
}

const LABEL = 'exceptions';

/** From the share in percent on; white text can be read on each. */
export const BADGE_COLORS: readonly (readonly [from: number, color: string])[] = [
  [100, '#1e7b34'],
  [95, '#56740e'],
  [85, '#8a6200'],
  [70, '#b04f0a'],
  [0, '#bd312b'],
];

const NO_PATHS_COLOR = '#666666';

/** The badge for shields.io. Tested is reached on level 1, and asserted from level 2 on; what is waived is not tested. */
export function badgeEndpoint({ level, tested }: ExceptionResult): BadgeEndpoint {
  const badge = { schemaVersion: 1, label: LABEL } as const;
  if (tested.length === 0) return { ...badge, message: 'none', color: NO_PATHS_COLOR };
  const count = tested.filter((path) => (level === 1 ? path.count > 0 : isAsserted(path))).length;
  const share = (count / tested.length) * 100;
  const color = BADGE_COLORS.find(([from]) => share >= from)?.[1] ?? NO_PATHS_COLOR;
  return { ...badge, message: `${percent(count, tested.length)} tested`, color };
}

/** The same badge as a flat SVG. */
export function badgeSvg(result: ExceptionResult): string {
  const { label, message, color } = badgeEndpoint(result);
  const [left, right] = [textWidth(label), textWidth(message)];
  const [split, width] = [left + 2 * PADDING, left + right + 4 * PADDING];
  const text = (its: string, x: number, length: number) =>
    `<text x="${x}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${its}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}: ${message}">
<title>${label}: ${message}</title>
<clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${split}" height="20" fill="#444"/><rect x="${split}" width="${width - split}" height="20" fill="${color}"/></g>
<g fill="#fff" font-family="Verdana,Geneva,'DejaVu Sans',sans-serif" font-size="11">${text(label, PADDING, left)}${text(message, split + PADDING, right)}</g>
</svg>
`;
}

const PADDING = 6;

/** Of Verdana at 11 px, near enough: `textLength` makes any other font as wide. */
function textWidth(text: string): number {
  return Math.round(Array.from(text).reduce((width, sign) => width + (WIDTHS[sign] ?? 6.7), 0));
}

const WIDTHS: Readonly<Record<string, number>> = {
  ' ': 3.9,
  '%': 11.8,
  ...Object.fromEntries(Array.from('0123456789', (digit) => [digit, 7])),
  i: 3,
  t: 4.3,
  s: 5.7,
  c: 5.7,
};
