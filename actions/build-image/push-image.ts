import type { ImageRegistry } from './image-registry.ts';
import { blobFile, type LayoutImage } from './image-layout.ts';

/** Sends an image, but for what the registry has; answers the bytes that were sent. Errors: those of ImageRegistry. */
export async function pushImage(
  registry: ImageRegistry,
  { image, layout, tag }: { image: LayoutImage; layout: string; tag: string },
): Promise<number> {
  const { manifest, manifestText, description } = image;
  let sent = 0;
  for (const { digest, size } of [...manifest.layers, manifest.config]) {
    if (await registry.hasBlob(digest)) continue;
    await registry.putBlob(digest, blobFile(layout, digest));
    sent += size;
  }
  if ((await registry.read('manifests', description.digest)) === undefined) sent += Buffer.byteLength(manifestText);
  // Last, and the tag with it: until then nobody can pull a half of it.
  await registry.putManifest(tag, manifestText);
  return sent;
}
