import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** What a container of a pod says, as far as tests look at it. */
export interface PodContainer {
  name: string;
  image: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name: string; containerPort: number }[];
  securityContext?: Record<string, unknown>;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface Probe {
  httpGet: { path: string; port: string };
}

/** What a pod is made of. */
export interface PodSpec {
  containers: PodContainer[];
  initContainers?: PodContainer[];
  securityContext?: Record<string, unknown>;
  volumes?: { name: string; secret?: { secretName: string; defaultMode?: number }; hostPath?: unknown }[];
  topologySpreadConstraints?: { labelSelector: LabelSelector }[];
  terminationGracePeriodSeconds?: number;
  [other: string]: unknown;
}

type Labels = Record<string, string>;

interface LabelSelector {
  matchLabels: Labels;
}

interface Template {
  metadata: { labels: Labels };
  spec: PodSpec;
}

/** One document of a manifest. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels };
  spec: {
    replicas?: number;
    template?: Template;
    selector?: unknown;
    [other: string]: unknown;
  };
}

const path = join(import.meta.dirname, '..', '..', 'deploy', 'kubernetes.yaml');

/** What deploy/kubernetes.yaml describes, as Kubernetes reads it: by YAML 1.1, whose 0440 is octal. */
export function readManifest(): Resource[] {
  return parseAllDocuments(readFileSync(path, 'utf8'), { version: '1.1' }).map(document => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as Resource;
  });
}

/** The pods that a manifest's resources make. */
export function podsOf(resources: readonly Resource[]): { owner: Resource; labels: Labels; spec: PodSpec }[] {
  return resources.flatMap(owner => {
    const { template } = owner.spec;
    return template ? [{ owner, labels: template.metadata.labels, spec: template.spec }] : [];
  });
}

/** All containers of a pod, with those that run before it. */
export const containersOf = ({ containers, initContainers = [] }: PodSpec): PodContainer[] => [
  ...initContainers,
  ...containers,
];

/** Whether labels are those that a selector asks for. */
export const isSelected = (labels: Labels, wanted: Labels): boolean =>
  Object.keys(wanted).length > 0 && Object.entries(wanted).every(([name, value]) => labels[name] === value);
