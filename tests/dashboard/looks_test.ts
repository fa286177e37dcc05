import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { browserTest } from "./browser.ts";
import { fakeProject, ledgerEvent, serve } from "./fake_project.ts";

/** Where pictures are kept, to be looked at; nowhere unless it is set. */
const PICTURES = Deno.env.get("DASHBOARD_PICTURES");

/** WCAG AA for text. */
const CONTRAST = 4.5;

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
      `${scene}, ${colorScheme}: every text has contrast, and nothing is wider than the page`,
      async (open) => {
        await using dashboard = await serve(project.ask);
        const page = await open({ colorScheme });
        await page.goto(dashboard.url);
        await page.locator("#word", { hasText: word }).waitFor();
        for (const width of [360, 800, 1280]) {
          await page.setViewportSize({ width, height: 900 });
          await page.waitForFunction(`document.documentElement.scrollWidth === ${width}`);
          if (PICTURES) {
            const path = join(PICTURES, `${scene}-${colorScheme}-${width}.png`);
            await page.screenshot({ path, fullPage: true });
          }
          deepEqual(await page.evaluate(`(${FAINT_TEXTS})(${CONTRAST})`), []);
        }
      },
    );
  }
}

/** Runs in the page: texts whose colour is too close to that of the ground they are on. */
const FAINT_TEXTS = `(least) => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const groundOf = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.body.querySelectorAll("*")) {
    const isText = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!isText || !node.checkVisibility() || node.localName === "noscript") continue;
    const [a, b] = [luminance(rgb(getComputedStyle(node).color)), luminance(groundOf(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least) faint.push(node.localName + "." + node.className + " " + ratio.toFixed(2));
  }
  return [...new Set(faint)];
}`;
