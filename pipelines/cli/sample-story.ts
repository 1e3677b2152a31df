import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Home } from '../adapters/home.ts';
import { loadModel, modelNames, type Model } from '../config.ts';
import type { Progress } from '../steps/context.ts';

/** The model that has a sample, and the sample's story: found by its path and not imported, so that a fork can delete it. */
export const SAMPLE_MODEL = 'shop';
const STORY = path.join(import.meta.dirname, '..', '..', 'sample', SAMPLE_MODEL, 'story.ts');

/** What a sample is given to tell its story with. */
export interface StoryOptions {
  home: Home;
  model: Model;
  /** Where the service answers. */
  serviceUrl: string;
  retrain: boolean;
  seed: number;
  /** A line for the person who watches. */
  line: (text: string) => void;
  progress: Progress;
}

interface StoryModule {
  tellStory(options: StoryOptions): Promise<object>;
}

/** Whether the sample and its model are here. */
export async function hasSampleStory(): Promise<boolean> {
  return existsSync(STORY) && (await modelNames()).includes(SAMPLE_MODEL);
}

/** Lets the sample live its days; answers its figures. */
export async function tellSampleStory(options: Omit<StoryOptions, 'model'>): Promise<object> {
  const module = (await import(pathToFileURL(STORY).href)) as StoryModule;
  return await module.tellStory({ ...options, model: await loadModel(SAMPLE_MODEL) });
}
