import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import { fakeProject, ledgerEvent, serve } from "./fake_project.ts";

/** Where pictures are kept, to be looked at; nowhere unless it is set. */
const PICTURES = Deno.env.get("DASHBOARD_PICTURES");

/** Rules of WCAG 2.2, levels A and AA, and what axe holds good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const AXE = await Deno.readTextFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")));

const WIDTHS = [320, 390, 800, 1280];

const many = Array.from({ length: 30 }, (_, i) =>
  ledgerEvent(i, {
    outcome: ["applied", "applied", "stale", "ignored"][i % 4]!,
    event_type: ["user.updated", "organizationMembership.created", "session.created"][i % 3]!,
  }));
const open = [
  ledgerEvent(30, { outcome: "failed", error_code: "57014", error: "statement timeout" }),
  ledgerEvent(31, {
    outcome: "rejected",
    error_code: "invalid_body",
    error: "data.id: expected string",
  }),
];

const SCENES = [
  ["empty", "no events", fakeProject()],
  ["fine", "ok", fakeProject(many)],
  ["failing", "failing", fakeProject([...many, ...open])],
  ["down", "unreachable", fakeProject([], "PGRST001")],
] as const;

for (const [scene, word, project] of SCENES) {
  for (const colorScheme of ["light", "dark"] as const) {
    browserTest(
      `${scene}, ${colorScheme}: axe finds nothing, no target is small, and nothing is wider than the page`,
      async (open) => {
        await using dashboard = await serve(project.ask);
        const page = await open({ colorScheme });
        await page.goto(dashboard.url);
        await page.locator("#word", { hasText: word }).waitFor();
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await page.waitForFunction(`document.documentElement.scrollWidth === ${width}`);
          await keep(page, `${scene}-${colorScheme}-${width}`);
          deepEqual(await faultsOf(page), []);
        }
      },
    );
  }
}

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `the view of an event and all that opens, ${colorScheme}: axe finds nothing`,
    async (open_) => {
      await using dashboard = await serve(fakeProject([...open, ...many]).ask);
      const page = await open_({ colorScheme });
      await page.goto(dashboard.url);
      await page.locator("#events tr").first().waitFor();
      await page.evaluate(
        `for (const part of document.querySelectorAll("details")) part.open = true`,
      );
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await keep(page, `open-${colorScheme}-${width}`);
        deepEqual(await faultsOf(page), []);
        await page.locator("#causes button").first().click();
        await page.locator("#event-facts dt").first().waitFor();
        await keep(page, `event-${colorScheme}-${width}`);
        deepEqual(await faultsOf(page), []);
        equal(
          await page.evaluate("document.querySelector('#event').scrollWidth <= innerWidth"),
          true,
        );
        await page.keyboard.press("Escape");
      }
    },
  );
}

async function keep(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** What axe finds, and what is smaller than a finger needs. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(`(${FAULTS})(${JSON.stringify(RULES)})`);
}

/** Runs in the page. */
const FAULTS = `async (values) => {
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values } });
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target));
  for (const node of document.querySelectorAll("a, button, select, input, summary, fieldset label")) {
    if (!node.checkVisibility() || node.matches("[type=hidden], [type=radio], .skip")) continue;
    const { width, height } = node.getBoundingClientRect();
    if (Math.min(width, height) < 24) found.push("small: " + node.outerHTML.slice(0, 80) + " " + width + "x" + height);
  }
  return found;
}`;
