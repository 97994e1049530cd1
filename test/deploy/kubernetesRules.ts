import assert from 'node:assert/strict';
import { stops } from './container.ts';
import { containersOf, isSelected, podsOf, type PodSpec, type Resource } from './kubernetes.ts';

/** What a manifest should keep to, and a change of a good one that breaks it. */
export interface Rule {
  readonly says: string;
  /** @throws AssertionError where it is not kept to */
  check(resources: readonly Resource[]): void;
  breakIt(resources: Resource[]): void;
}

const ofKind = (resources: readonly Resource[], kind: string): Resource[] =>
  resources.filter(resource => resource.kind === kind);
const first = (resources: readonly Resource[], kind: string): Resource =>
  ofKind(resources, kind)[0] ?? assert.fail(kind);
const firstPod = (resources: readonly Resource[]): PodSpec => podsOf(resources)[0]?.spec ?? assert.fail();
const firstContainer = (resources: readonly Resource[]) => firstPod(resources).containers[0] ?? assert.fail();

/** Runs a check for each pod; there must be one. */
function eachPod(check: (pod: ReturnType<typeof podsOf>[number]) => void) {
  return (resources: readonly Resource[]): void => {
    const pods = podsOf(resources);
    assert.notEqual(pods.length, 0);
    pods.forEach(check);
  };
}

const eachContainer = (check: (container: ReturnType<typeof containersOf>[number], pod: PodSpec) => void) =>
  eachPod(({ spec }) => {
    for (const container of containersOf(spec)) check(container, spec);
  });

/** Whether those resources choose some of the pods, and all of these are chosen. */
function chooses(kind: string, selectorOf: (spec: Resource['spec']) => unknown) {
  return (resources: readonly Resource[]): void => {
    const pods = podsOf(resources).filter(({ owner }) => owner.kind === 'Deployment');
    const selectors = ofKind(resources, kind).map(({ spec }) => selectorOf(spec) as Record<string, string>);
    for (const { labels } of pods) assert.ok(selectors.some(selector => isSelected(labels, selector)));
    for (const selector of selectors) assert.ok(pods.some(({ labels }) => isSelected(labels, selector)));
  };
}

const matchLabels = (selector: unknown) => (selector as { matchLabels: unknown }).matchLabels;

/** What kube-score and KubeLinter ask of such resources, and what our server needs besides. */
export const rules: readonly Rule[] = [
  {
    says: 'each image has a tag, which is not the latest one of the day',
    check: eachContainer(({ image }) => {
      assert.match(image, /^[^\s:@]+(?::\d+)?(?:\/[^\s:@]+)*(?::(?!latest$)[\w.-]+|@sha256:[\da-f]{64})$/);
    }),
    breakIt: resources => (firstContainer(resources).image = 'registry.example.com/omnispindle:latest'),
  },
  {
    says: 'containers get no rights, and write to what is mounted alone',
    check: eachContainer(({ securityContext }) => {
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }),
    breakIt: resources => delete firstContainer(resources).securityContext?.['readOnlyRootFilesystem'],
  },
  {
    says: 'pods run as a number that no user of the machine has',
    check: eachPod(({ spec: { securityContext = {} } }) => {
      assert.equal(securityContext['runAsNonRoot'], true);
      for (const name of ['runAsUser', 'runAsGroup', 'fsGroup']) assert.equal(securityContext[name], 10_001);
      assert.deepEqual(securityContext['seccompProfile'], { type: 'RuntimeDefault' });
    }),
    breakIt: resources => (firstPod(resources).securityContext!['runAsUser'] = 0),
  },
  {
    says: 'pods have nothing of the machine that they run on',
    check: eachPod(({ spec }) => {
      for (const name of ['hostNetwork', 'hostPID', 'hostIPC']) assert.ok(!spec[name], name);
      for (const { hostPath } of spec.volumes ?? []) assert.equal(hostPath, undefined);
    }),
    breakIt: resources => (firstPod(resources)['hostNetwork'] = true),
  },
  {
    says: 'pods have no key to the cluster',
    check: eachPod(({ spec }) => {
      assert.equal(spec['automountServiceAccountToken'], false);
    }),
    breakIt: resources => delete firstPod(resources)['automountServiceAccountToken'],
  },
  {
    // A service gives them NAME_PORT, NAME_SERVICE_HOST and more; ours is named as our settings begin.
    says: 'pods get no settings from the names of services',
    check: eachPod(({ spec }) => {
      assert.equal(spec['enableServiceLinks'], false);
    }),
    breakIt: resources => delete firstPod(resources)['enableServiceLinks'],
  },
  {
    // Without a limit of processor time: it would slow calls while the machine is idle.
    says: 'containers say what they need, and have an end to it',
    check: eachContainer(({ resources: { requests = {}, limits = {} } = {} }) => {
      assert.deepEqual(Object.keys(requests).sort(), ['cpu', 'ephemeral-storage', 'memory']);
      assert.deepEqual(Object.keys(limits).sort(), ['ephemeral-storage', 'memory']);
    }),
    breakIt: resources => delete firstContainer(resources).resources?.limits?.['memory'],
  },
  {
    says: 'no variable is set twice, and none holds a secret',
    check: eachContainer(({ env = [] }) => {
      const names = env.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, names.join());
      for (const { name, value = '' } of env) {
        if (/DATABASE|SECRET|TOKEN|PASSWORD/.test(name)) assert.match(value, /^\/run\/secrets\//, name);
      }
    }),
    breakIt: resources => firstContainer(resources).env?.push({ name: 'AUTH0_DOMAIN', value: 'other' }),
  },
  {
    says: 'secrets are mounted for reading, by nobody but the pod’s group',
    check: eachPod(({ spec }) => {
      const secrets = (spec.volumes ?? []).filter(({ secret }) => secret);
      for (const { name, secret } of secrets) {
        assert.equal((secret?.defaultMode ?? 0o644) & 0o337, 0, name);
        const mounts = containersOf(spec).flatMap(({ volumeMounts = [] }) =>
          volumeMounts.filter(mount => mount.name === name),
        );
        assert.notEqual(mounts.length, 0, name);
        for (const { readOnly } of mounts) assert.equal(readOnly, true, name);
      }
    }),
    breakIt: resources =>
      delete firstPod(resources).volumes?.find(({ secret }) => secret)?.secret?.defaultMode,
  },
  {
    says: 'probes ask ports that there are, and readiness asks for more than life',
    check: resources => {
      for (const { spec } of podsOf(ofKind(resources, 'Deployment'))) {
        for (const { ports = [], startupProbe, livenessProbe, readinessProbe } of spec.containers) {
          const probes = [startupProbe, livenessProbe, readinessProbe];
          assert.deepEqual(
            probes.map(probe => probe?.httpGet.path),
            ['/healthz', '/healthz', '/readyz'],
          );
          for (const probe of probes) {
            assert.ok(ports.some(({ name }) => name === probe?.httpGet.port));
          }
        }
      }
    },
    breakIt: resources => (firstContainer(resources).readinessProbe!.httpGet.path = '/healthz'),
  },
  {
    says: 'pods have the time that a stop takes',
    check: eachPod(({ spec }) => {
      assert.ok((spec.terminationGracePeriodSeconds ?? 30) > stops);
    }),
    breakIt: resources => (firstPod(resources).terminationGracePeriodSeconds = stops),
  },
  {
    says: 'an update, and a machine that is emptied, leave a replica, and replicas are on several machines',
    check: resources => {
      for (const { spec } of ofKind(resources, 'Deployment')) {
        assert.ok((spec.replicas ?? 1) >= 2);
        assert.deepEqual(spec['strategy'], { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
        for (const { spec: budget } of ofKind(resources, 'PodDisruptionBudget')) {
          assert.ok(Number(budget['minAvailable']) < (spec.replicas ?? 1));
          assert.equal(budget['unhealthyPodEvictionPolicy'], 'AlwaysAllow');
        }
        const { metadata, spec: pod } = spec.template ?? assert.fail();
        const [constraint] = pod.topologySpreadConstraints ?? [];
        assert.ok(isSelected(metadata.labels, constraint?.labelSelector.matchLabels ?? {}));
      }
    },
    breakIt: resources => (first(resources, 'PodDisruptionBudget').spec['minAvailable'] = 2),
  },
  {
    says: 'the deployment’s selector, the budget, the service and the policy of the network choose its pods',
    check(resources) {
      chooses('Deployment', spec => matchLabels(spec.selector))(resources);
      chooses('PodDisruptionBudget', spec => matchLabels(spec.selector))(resources);
      chooses('Service', spec => spec.selector)(resources);
      chooses('NetworkPolicy', spec => matchLabels(spec['podSelector']))(resources);
    },
    breakIt: resources =>
      (first(resources, 'NetworkPolicy').spec['podSelector'] = { matchLabels: { a: 'b' } }),
  },
  {
    says: 'the service is the cluster’s own, and does not have the metrics',
    check(resources) {
      for (const { spec } of ofKind(resources, 'Service')) {
        assert.ok([undefined, 'ClusterIP'].includes(spec['type'] as string | undefined));
        const ports = spec['ports'] as { targetPort: string }[];
        assert.deepEqual(
          ports.map(({ targetPort }) => targetPort),
          ['http'],
        );
      }
    },
    breakIt: resources => (first(resources, 'Service').spec['type'] = 'NodePort'),
  },
  {
    says: 'the network has named ends on both sides, and Prometheus alone reaches the metrics',
    check(resources) {
      const names = podsOf(resources).flatMap(({ spec }) =>
        containersOf(spec).flatMap(({ ports = [] }) => ports.map(({ name }) => name)),
      );
      for (const { spec } of ofKind(resources, 'NetworkPolicy')) {
        assert.deepEqual(spec['policyTypes'], ['Ingress', 'Egress']);
        const ingress = spec['ingress'] as { from?: object[]; ports: { port: string }[] }[];
        for (const { from, ports } of ingress) {
          for (const { port } of ports) {
            assert.ok(names.includes(port), port);
            if (port === 'metrics') assert.notEqual(from?.length ?? 0, 0);
          }
        }
        for (const { ports } of spec['egress'] as { ports?: object[] }[]) assert.ok(ports?.length);
      }
    },
    breakIt(resources) {
      const ingress = first(resources, 'NetworkPolicy').spec['ingress'] as { from?: unknown }[];
      for (const rule of ingress) delete rule.from;
    },
  },
];
