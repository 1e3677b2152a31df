/**
 * The part of SARIF 2.1.0 that we write; https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html has the whole.
 */
export interface SarifLog {
  $schema: string;
  version: '2.1.0';
  runs: SarifRun[];
}

export interface SarifRun {
  tool: { driver: { name: string; version?: string; informationUri?: string; rules: SarifRule[] } };
  columnKind: 'utf16CodeUnits';
  originalUriBaseIds: Record<string, { description: { text: string } }>;
  results: SarifResult[];
}

export interface SarifRule {
  id: string;
  name: string;
  shortDescription: { text: string };
  fullDescription: { text: string };
  help: { text: string };
  defaultConfiguration: { level: 'error' | 'warning' };
  properties: { tags: string[] };
}

export interface SarifResult {
  ruleId: string;
  ruleIndex: number;
  level: 'error' | 'warning';
  message: { text: string };
  locations: SarifLocation[];
  partialFingerprints: Record<string, string>;
  properties: { kind: string };
}

export interface SarifLocation {
  physicalLocation: {
    artifactLocation: { uri: string; uriBaseId: '%SRCROOT%' };
    region: { startLine: number; startColumn?: number; endLine?: number; endColumn?: number };
  };
  logicalLocations?: { name: string; kind: 'function' }[];
}
