import assert from "node:assert/strict";
import { chartOf } from "./chart.ts";
import { draw } from "./draw.ts";
import { keptPart, MISSED } from "./sample_report.ts";

/** The texts of a picture, in their order. */
async function textsOf(part: ReturnType<typeof keptPart>): Promise<string[]> {
  const svg = await draw(chartOf(part));
  return [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(([, text = ""]) => text);
}

/** The bars of a picture: their lengths. */
async function barsOf(part: ReturnType<typeof keptPart>): Promise<number[]> {
  const svg = await draw(chartOf(part));
  return [...svg.matchAll(/aria-roledescription="bar" d="M0,[\d.]+h([\d.]+)/g)]
    .map(([, length]) => Number(length));
}

Deno.test("a chart names what was measured, group by group, with every value at its bar", async () => {
  const texts = await textsOf(keptPart());
  for (const text of ["Reads, beside the floor", "small", "large", "ours", "floor"]) {
    assert.ok(texts.includes(text), text);
  }
  const values = ["12 ms", "10.0 ms", "1,200 ms", "0.123 ms"];
  assert.deepEqual(texts.filter((text) => text.endsWith(" ms")), values);
});

Deno.test("bars of one unit have one scale, those of another their own", async () => {
  const measures = [
    { group: "small", name: "ours", value: 10, unit: "ms" },
    { group: "large", name: "ours", value: 40, unit: "ms" },
    { group: "large", name: "size", value: 7, unit: "MB" },
  ];
  const [small = 0, large = 0, size] = await barsOf(keptPart({ measures }));
  assert.equal(small * 4, large);
  assert.equal(size, large);
});

Deno.test("targets are told with their limits, and that one was missed", async () => {
  const texts = await textsOf(keptPart({ targets: [MISSED] }));
  assert.ok(texts.includes("beside the floor: 1.60, must be at most 1.5, missed"), texts.join());
});

Deno.test("a picture is the same each time, and asks for nothing from elsewhere", async () => {
  const svg = await draw(chartOf(keptPart()));
  assert.equal(await draw(chartOf(keptPart())), svg);
  const addresses = new Set(svg.match(/\w+:\/\/[^"]+/g));
  assert.deepEqual([...addresses], ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]);
});

Deno.test("a picture has a ground of its own, for dark pages", async () => {
  assert.match(await draw(chartOf(keptPart())), /<rect width="\d+" height="\d+" fill="white"\/>/);
});

Deno.test("long titles and targets make no wider picture", async () => {
  const long = "every word of it ".repeat(20).trim();
  const svg = await draw(
    chartOf(keptPart({ title: long, targets: [{ ...MISSED, name: long }] })),
  );
  const [, width] = /<svg[^>]* width="(\d+)"/.exec(svg) ?? [];
  assert.ok(Number(width) < 900, `${width} wide`);
});
