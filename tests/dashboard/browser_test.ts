import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createAsk } from "../../scripts/dashboard/ask.ts";
import { deliver, newEventId, newStory } from "../support/stack.ts";
import { stackEnv } from "../support/stack_env.ts";
import { browserTest } from "./browser.ts";
import { fakeProject, ledgerEvent, serve } from "./fake_project.ts";

function ofTheStack() {
  const { API_URL, SECRET_KEY } = stackEnv();
  return createAsk({ url: new URL(API_URL), secretKey: SECRET_KEY });
}

browserTest("the page paints before the database has answered", async (open) => {
  const project = fakeProject([ledgerEvent(0)]);
  const { promise: painted, resolve: answer } = Promise.withResolvers<void>();
  await using dashboard = await serve(async (...asked) => {
    await painted;
    return await project.ask(...asked);
  });
  const page = await open();
  await page.goto(dashboard.url);
  await page.waitForFunction(
    `performance.getEntriesByName("first-contentful-paint").length > 0`,
  );
  deepEqual(project.calls, []);
  answer();
  await page.locator("#connection", { hasText: "live" }).waitFor();
});

browserTest("events show up while the page is open, without a reload", async (open) => {
  await using dashboard = await serve(ofTheStack());
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#connection", { hasText: "live" }).waitFor();
  const [id, rejectedId] = [newEventId(), newEventId()];
  await deliver(newStory()("user.created"), id);
  await page.locator("#events tr", { hasText: id }).getByText("applied").waitFor();
  await page.locator("#outcomes tr", { hasText: /applied[^]*[1-9]/ }).waitFor();

  await deliver({ type: "user.created", data: {} }, rejectedId);
  const cause = page.locator("#causes > li", { hasText: "data.id: expected string" });
  // The stack may know older ones of this cause.
  await cause.locator(`[data-event="${rejectedId}"]`, { hasText: "Open the newest" }).click();
  await page.locator("#event", { hasText: rejectedId }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("How to replay an event").click();
  match(await page.locator("#open").innerText(), /Message Attempts.*Replay[^]*npm run replay/);
});

browserTest(
  "the list is filtered by the keyboard alone, and the URL keeps the filter",
  async (open) => {
    const events = [
      ledgerEvent(0),
      ledgerEvent(1, { event_type: "user.deleted" }),
      ledgerEvent(2, { outcome: "failed", error_code: "57014" }),
    ];
    await using dashboard = await serve(fakeProject(events).ask);
    const page = await open();
    await page.goto(dashboard.url);
    const rows = page.locator("#events tr");
    const shows = (count: number) => {
      const filled = count > 0 ? `:has(tr:nth-child(${count}))` : "";
      const list = page.locator(`#events${filled}:not(:has(tr:nth-child(${count + 1})))`);
      return list.waitFor({ state: "attached" });
    };
    await shows(3);

    await page.keyboard.press("/");
    await page.keyboard.type(String(events[1]!.object_id));
    await shows(1);
    match(await rows.innerText(), /user\.deleted/);
    equal(new URL(page.url()).search, `?id=${events[1]!.object_id}`);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
    await shows(3);

    await page.keyboard.press("Shift+Tab");
    await page.keyboard.type("failed");
    await shows(1);
    match(await rows.innerText(), /failed\s*57014/);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.type("user.d");
    await shows(0);
    equal(new URL(page.url()).search, "?type=user.deleted&outcome=failed");

    await page.reload();
    await page.getByText("No event matches.").waitFor();
    equal(await page.locator("select[name=type]").inputValue(), "user.deleted");
  },
);

browserTest(
  "with the database down the page stays, says so, and recovers by itself",
  async (open) => {
    const project = fakeProject([ledgerEvent(0)]);
    await using dashboard = await serve(project.ask);
    const page = await open();
    await page.goto(dashboard.url);
    await page.locator("#word", { hasText: "ok" }).waitFor();
    await page.locator("#events tr").waitFor();
    project.problem = "PGRST001";
    await page.locator("#word", { hasText: "unreachable" }).waitFor();
    match(await page.locator("#reason").innerText(), /database cannot be reached/);
    match(await page.title(), /^unreachable/);
    equal(await page.locator("#icon").getAttribute("href"), "/icon-bad.svg");
    const [reason, remedy] = await Promise.all(
      ["#reason", "#remedy"].map((id) => page.locator(id).boundingBox()),
    );
    ok(reason!.y + reason!.height <= remedy!.y, "the remedy is under the sentence");
    match(await page.locator("#connection").innerText(), /^data of \d\d:\d\d/);
    equal(await page.locator("#events tr").count(), 1);

    await page.selectOption("select[name=outcome]", "failed");
    await page.getByText("could not be fetched").waitFor();
    project.problem = null;
    await page.locator("#word", { hasText: "ok" }).waitFor();
    match(await page.title(), /^ok/);
    equal(await page.locator("#icon").getAttribute("href"), "/icon-good.svg");
    await page.getByText("No event matches.").waitFor();
  },
);

browserTest("a page whose server is gone says so, and goes on when it is back", async (open) => {
  const project = fakeProject([ledgerEvent(0)]);
  const first = await serve(project.ask);
  const page = await open();
  await page.goto(first.url);
  await page.locator("#connection", { hasText: "live" }).waitFor();
  await first[Symbol.asyncDispose]();
  await page.locator("#connection", { hasText: "connection lost" }).waitFor();
  await using _second = await serve(project.ask, 100, Number(new URL(first.url).port));
  await page.locator("#connection", { hasText: "live" }).waitFor();
});

browserTest("nothing is asked of another host, and nothing complains", async (open) => {
  await using dashboard = await serve(ofTheStack());
  const page = await open();
  const urls: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => void urls.push(request.url()));
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.goto(dashboard.url);
  await page.locator("#connection", { hasText: "live" }).waitFor();
  await page.locator("#events tr").first().waitFor({ state: "attached" });
  ok(urls.length > 10);
  deepEqual(urls.filter((url) => !url.startsWith(`${dashboard.url}/`)), []);
  deepEqual(complaints, []);
});

browserTest("text from the database is never markup", async (open) => {
  const evil = `<img src=x onerror="document.title='owned'"><b>bold</b>`;
  const event = ledgerEvent(0, {
    outcome: "rejected",
    event_type: evil,
    object_id: evil,
    error: evil,
    error_code: evil,
  });
  await using dashboard = await serve(fakeProject([event]).ask);
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#events tr", { hasText: "<b>bold</b>" }).waitFor();
  equal(await page.locator("img, b").count(), 0);
});

/** Runs in the page. */
const KEEP_REPLACED = `
  const kept = [];
  new MutationObserver((changes) => {
    for (const { removedNodes } of changes) kept.push(...removedNodes);
  }).observe(document.body, { childList: true, subtree: true });
`;

browserTest("hundreds of updates leave the page's memory as it was", async (open) => {
  const project = fakeProject(Array.from({ length: 50 }, (_, i) => ledgerEvent(i)));
  const updates = () => project.calls.filter(({ name }) => name === "sync_status").length;
  await using dashboard = await serve(project.ask, 40);
  const page = await open();
  await page.goto(dashboard.url);
  const devtools = await page.context().newCDPSession(page);
  async function heapAfter(count: number): Promise<{ bytes: number; nodes: number }> {
    const until = updates() + count;
    while (updates() < until) {
      // Every update brings something new: each part of the page is made again.
      const [event, ...others] = project.events;
      const outcome_at = new Date().toISOString();
      project.events = [{ ...event!, outcome_at, attempts: updates() }, ...others];
      await new Promise((wake) => setTimeout(wake, 20));
    }
    // What the last update replaced is still held for a moment.
    for (let i = 0; i < 3; i++) {
      await new Promise((wake) => setTimeout(wake, 200));
      await devtools.send("HeapProfiler.collectGarbage");
    }
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    const { nodes } = await devtools.send("Memory.getDOMCounters");
    return { bytes: usedSize, nodes };
  }
  const early = await heapAfter(50);
  const late = await heapAfter(100);
  match(await page.locator("#events tr").first().innerText(), /\d{3}$/);
  // The control: the same page, which now keeps what every update replaces.
  await page.evaluate(KEEP_REPLACED);
  const kept = await heapAfter(100);
  const growth = { bytes: late.bytes - early.bytes, nodes: late.nodes - early.nodes };
  const leak = { bytes: kept.bytes - late.bytes, nodes: kept.nodes - late.nodes };
  ok(
    growth.bytes < leak.bytes,
    `the heap grew by ${growth.bytes} bytes, by ${leak.bytes} with a leak`,
  );
  ok(growth.nodes < leak.nodes / 10, `${growth.nodes} more nodes, ${leak.nodes} with a leak`);
});
