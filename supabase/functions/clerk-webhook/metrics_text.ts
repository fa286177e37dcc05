/** One number. */
export interface Sample {
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  suffix?: string;
  labels?: Record<string, string>;
  value: number;
}

/** Numbers of one name. */
export interface Metric {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  samples: Sample[];
}

/** The version of the form below. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function toText(metrics: Metric[]): string {
  return metrics.map(toLines).join("");
}

function toLines({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = "", labels = {}, value }) =>
    `${name}${suffix}${toLabels(labels)} ${toNumber(value)}\n`
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function toLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escape(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

/**
 * A line feed ends a sample, a quotation mark a value. Other control characters would steer the terminal of whoever looks,
 * and have no escape of their own here: they are told as JSON writes them.
 */
function escape(value: string): string {
  return value
    .replaceAll(/[^\P{Cc}\n]/gu, toEscape)
    .replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function toEscape(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A number as the labels and the values of Prometheus write it. */
export function toNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
