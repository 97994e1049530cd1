import { setTimeout as delay } from 'node:timers/promises';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Log } from '../../../common/log.ts';
import { createSpans, type Spans } from './spans.ts';

/** The export of traces, to be closed after the last request. */
export interface TraceExport {
  readonly spans: Spans;
  /** Sends what waits, for a limited time. */
  close(): Promise<void>;
}

/**
 * Exports traces by OTLP over HTTP, as OpenTelemetry's own variables say (`OTEL_EXPORTER_OTLP_…`, `OTEL_TRACES_SAMPLER`).
 *
 * A stop waits `flushLimit` (ms) at most until the last spans have been sent.
 */
export function exportTraces(
  version: string,
  log: Log,
  env: NodeJS.ProcessEnv = process.env,
  { flushLimit = 3_000 } = {},
): TraceExport {
  const tell = (message: string) => {
    log.warn(`OpenTelemetry: ${message}`);
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': env['OTEL_SERVICE_NAME'] || 'omnispindle',
        'service.version': version,
      }),
    ),
    sampler: samplerOf(env),
    spanLimits: { attributeValueLengthLimit: 256 },
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  return {
    spans: createSpans({
      tracer: provider.getTracer('omnispindle', version),
      propagator: new W3CTraceContextPropagator(),
    }),
    async close() {
      const limit = new AbortController();
      await Promise.race([
        provider.shutdown().catch((error: unknown) => {
          tell(String(error));
        }),
        delay(flushLimit, undefined, { signal: limit.signal }).catch(ignore),
      ]);
      limit.abort();
    },
  };
}

/** The sampler that `OTEL_TRACES_SAMPLER` names; where it names none of them, a request that has no parent is traced. */
function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const [, parentBased, name = ''] = /^(parentbased_)?(\w+)$/.exec(env['OTEL_TRACES_SAMPLER'] ?? '') ?? [];
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  const roots: Record<string, Sampler> = {
    always_on: new AlwaysOnSampler(),
    always_off: new AlwaysOffSampler(),
    traceidratio: new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1),
  };
  const root = Object.hasOwn(roots, name) ? roots[name] : undefined;
  return root && parentBased === undefined
    ? root
    : new ParentBasedSampler({ root: root ?? new AlwaysOnSampler() });
}
