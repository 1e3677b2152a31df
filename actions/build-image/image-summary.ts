import { plain, table } from '../markdown.ts';
import type { BuiltImage } from './build-image.ts';
import type { ImageDescription, Layer } from './image-layout.ts';

/** The image on the job's summary page: its layers, its size, and what is different from the last release. */
export function imageSummary(built: BuiltImage): string {
  const { image, tag, description, models, pushed, signed, seconds, previous } = built;
  const before = previous?.description;
  const sent = pushed === undefined ? 'not pushed' : `${size(pushed)} pushed, the rest was there`;
  const ours = size(description.bytes - description.baseBytes);
  return [
    `### Image ${plain(image)}:${plain(tag)}\n`,
    `\`${description.digest}\`, models ${plain(models) || 'none'}, ${signed ? 'signed' : 'not signed'}; ${sent}; ${seconds.toFixed(0)} s.\n`,
    table(
      ['Layers', 'Compressed', ...(before === undefined ? [] : ['Against the last release'])],
      [...rowsOf(description), total(description)].map(({ what, bytes, digests }) => [
        what,
        size(bytes),
        ...(before === undefined ? [] : [difference({ what, bytes, digests }, before)]),
      ]),
    ),
    `${ours} above the base image.${previous !== undefined && before === undefined ? ` The last release, ${plain(previous.reference)}, is not in the registry as one image.` : ''}\n`,
  ].join('\n');
}

interface Row {
  what: string;
  bytes: number;
  digests: string;
}

/** The layers of a kind as one row. */
function rowsOf({ layers }: ImageDescription): Row[] {
  return [...Map.groupBy(layers, ({ what }) => what)].map(([what, its]) => rowOf(what, its));
}

function total({ layers }: ImageDescription): Row {
  return rowOf('all', layers);
}

function rowOf(what: string, layers: readonly Layer[]): Row {
  return {
    what,
    bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0),
    digests: layers.map(({ digest }) => digest).join(),
  };
}

function difference(row: Row, before: ImageDescription): string {
  const former = [...rowsOf(before), total(before)].find(({ what }) => what === row.what);
  if (former === undefined) return 'new';
  if (former.digests === row.digests) return 'the same';
  const grown = row.bytes - former.bytes;
  return `${grown < 0 ? '−' : '+'}${size(Math.abs(grown))}`;
}

/** Bytes for people, in the thousands that registries count in. */
function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
