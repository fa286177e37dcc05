/** The parts of the page, each with what a person does with it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { browserTest } from "./browser.ts";
import { fakeProject, ledgerEvent, serve } from "./fake_project.ts";

const REFUSED = {
  outcome: "failed",
  event_type: "user.created",
  error_code: "23514",
  error: "constraint users_email_is_of_the_company of public.users",
};
const PHONE = { viewport: { width: 390, height: 844 } };

browserTest(
  "71 failures of one cause are one entry, and fit a phone's screen with the word",
  async (open) => {
    const failed = Array.from({ length: 71 }, (_, i) => ledgerEvent(i, REFUSED));
    await using dashboard = await serve(fakeProject([...failed, ledgerEvent(80)]).ask);
    const page = await open(PHONE);
    await page.goto(dashboard.url);
    const cause = page.locator("#causes > li");
    await cause.waitFor();
    equal(await cause.count(), 1);
    const text = (await cause.innerText()).replaceAll("\u00a0", " ");
    match(text, /^71 × failed constraint users_email_is_of_the_company of public\.users 23514/);
    match(text, /A rule of your database refuses it\. Correct it/);
    match(text, /since\s+\d.* ago\s+last\s+\d.* ago\s+types\s+user\.created 71/);
    match(text, /again\s+by Svix, in \d min \(estimate\)/);
    const { y, height } = (await page.locator("#open").boundingBox())!;
    ok(y + height <= PHONE.viewport.height, `${y + height} px`);
  },
);

browserTest("what a backfill read is told from users to invitations", async (open) => {
  await using dashboard = await serve(fakeProject([ledgerEvent(0)]).ask);
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#drift", { hasText: "backfill" }).waitFor();
  match(
    await page.locator("#drift").innerText(),
    /complete: 12,000 users, 30 organizations, 1 invitation, /,
  );
});

browserTest("in the filter nothing but the fields takes room", async (open) => {
  await using dashboard = await serve(fakeProject([ledgerEvent(0)]).ask);
  const page = await open(PHONE);
  await page.goto(dashboard.url);
  const clear = (await page.getByRole("button", { name: "Clear" }).boundingBox())!;
  equal(clear.x, (await page.getByLabel("Outcome").first().boundingBox())!.x);
});

browserTest("where nothing is open there is no panel for it", async (open) => {
  await using dashboard = await serve(fakeProject([ledgerEvent(0)]).ask);
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#word", { hasText: "ok" }).waitFor();
  equal(await page.locator("#open").isVisible(), false);
});

browserTest(
  "before the first event the page tells the URL and the types, and how to try it",
  async (open) => {
    await using dashboard = await serve(fakeProject().ask);
    const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(dashboard.url);
    const start = page.locator("#start");
    await start.getByText("https://project.example").waitFor();
    match(await start.innerText(), /https:\/\/project\.example\/functions\/v1\/clerk-webhook/);
    match(await start.innerText(), /organizationMembership\.created[^]*npm run simulate/);
    await start.getByRole("button", { name: /^Copy https/ }).click();
    equal(
      await page.evaluate("navigator.clipboard.readText()"),
      "https://project.example/functions/v1/clerk-webhook",
    );
    equal(await page.locator("#newest").isVisible(), false);
  },
);

browserTest(
  "an event is opened by the keyboard, tells what it did, and gives the focus back",
  async (open) => {
    const event = ledgerEvent(0, {
      effect: "created",
      user_external_id: "user_other",
      attempts: 3,
    });
    await using dashboard = await serve(fakeProject([event]).ask);
    const page = await open();
    await page.goto(dashboard.url);
    const opener = page.locator("#events button[data-event]");
    await opener.focus();
    await page.keyboard.press("Enter");
    const view = page.locator("#event");
    await view.getByText("its row in users was made").waitFor();
    const text = (await view.innerText()).replaceAll("\u00a0", " ");
    match(text, new RegExp(`svix-id\\s+${event.event_id}`));
    match(text, /user\s+user_other[^]*deliveries\s+3[^]*database call\s+7 ms/);
    await page.keyboard.press("Escape");
    await view.waitFor({ state: "hidden" });
    equal(await page.evaluate("document.activeElement.dataset.event"), event.event_id);
  },
);

browserTest("a stale event says why", async (open) => {
  const stale = ledgerEvent(0, { outcome: "stale", effect: "newer_membership" });
  await using dashboard = await serve(fakeProject([stale]).ask);
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#events button[data-event]").click();
  await page.locator("#event").getByText("a newer membership of the same pair").waitFor();
});

browserTest("an event that the database does not give is told to be so", async (open) => {
  const project = fakeProject([ledgerEvent(0)]);
  await using dashboard = await serve((name, args) =>
    args && "p_clerk_id" in args && args.p_clerk_id ? Promise.resolve([]) : project.ask(name, args)
  );
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#events button[data-event]").click();
  await page.getByText("It could not be fetched.").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("#event").waitFor({ state: "hidden" });
});

browserTest("an id in an event's view leads to the events about it", async (open) => {
  await using dashboard = await serve(fakeProject([ledgerEvent(0), ledgerEvent(1)]).ask);
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#events button[data-event]").first().click();
  await page.locator("#event a").first().click();
  await page.locator("#events tr:only-child").waitFor();
  equal(new URL(page.url()).search, `?id=${ledgerEvent(0).object_id}`);
  equal(await page.locator("#event").isVisible(), false);
  await page.locator("#newest:focus").waitFor();
});

browserTest("a svix-id finds its event", async (open) => {
  const events = [ledgerEvent(0), ledgerEvent(1)];
  await using dashboard = await serve(fakeProject(events).ask);
  const page = await open();
  await page.goto(`${dashboard.url}/?id=${events[1]!.event_id}`);
  await page.locator("#events tr:only-child").waitFor();
  match(await page.locator("#events").innerText(), new RegExp(String(events[1]!.event_id)));
});

browserTest(
  "a bar tells its number to the pointer, and a click filters the list by it",
  async (open) => {
    const events = [0, 1, 90, 120].map((number) => ledgerEvent(number, number > 0 ? REFUSED : {}));
    await using dashboard = await serve(fakeProject(events).ask);
    const page = await open();
    await page.goto(dashboard.url);
    const failed = page.getByRole("button", { name: "failed events, last hour" });
    const tip = page.locator("#outcomes tr", { hasText: "failed" }).getByRole("status");
    await failed.focus();
    await page.keyboard.press("ArrowRight");
    match(await tip.innerText(), /^\d\d:\d\d–\d\d:\d\d: 1 failed$/);

    const { x, y, width, height } = (await failed.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    match(await tip.innerText(), /: 0 failed$/);
    await page.mouse.move(0, 0);
    await failed.focus();
    for (const key of ["ArrowRight", "ArrowRight", "Enter"]) await page.keyboard.press(key);
    await page.locator("#events tr:only-child", { hasText: String(events[2]!.event_id) }).waitFor();
    const { searchParams } = new URL(page.url());
    deepEqual([...searchParams.keys()], ["outcome", "since", "before"]);
    match(await page.locator("#times").innerText(), /^\d\d:\d\d–\d\d:\d\d$/);

    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("#events tr:nth-child(4)").waitFor();
    equal(new URL(page.url()).search, "");
  },
);

browserTest("a quiet hour shows the day, and whoever chooses a span keeps it", async (open) => {
  const project = fakeProject([ledgerEvent(0)]);
  await using dashboard = await serve(async (name, args) => {
    const answer = await project.ask(name, args);
    if (name !== "sync_status") return answer;
    const status = answer as { events: object };
    return { ...status, events: { ...status.events, hour: {} } };
  });
  const page = await open();
  await page.goto(dashboard.url);
  await page.locator("#outcomes tr").first().waitFor();
  equal(await page.getByRole("radio", { name: "day" }).isChecked(), true);
  await page.getByRole("radio", { name: "day" }).press("ArrowRight");
  await page.getByRole("button", { name: "applied events, last week" }).waitFor();
  const asked = project.calls.length;
  while (project.calls.length < asked + 10) await new Promise((wake) => setTimeout(wake, 50));
  equal(await page.getByRole("radio", { name: "week" }).isChecked(), true);
});

browserTest(
  "one delay stands for all, which open on demand; rows tell those that were deleted",
  async (open) => {
    await using dashboard = await serve(fakeProject([ledgerEvent(0)]).ask);
    const page = await open();
    await page.goto(dashboard.url);
    await page.locator("#delay", { hasText: "38\u00a0ms" }).waitFor();
    equal(await page.locator("#delays").isVisible(), false);
    await page.getByText("All delays").click();
    match(
      await page.locator("#delays tr").first().innerText(),
      /Clerk to here, hour\s+38.ms\s+420.ms\s+1\.3.s/,
    );
    const rows = await page.locator("#rows").innerText();
    match(rows, /^users\s+about 1,234\s+organizations\s+1,234\s+12\s+members\s+1,234/);
  },
);

browserTest(
  "what has the focus keeps it while events arrive, and gets it back from an event's view",
  async (open) => {
    const project = fakeProject([ledgerEvent(0, REFUSED), ledgerEvent(1)]);
    await using dashboard = await serve(project.ask);
    const page = await open();
    await page.goto(dashboard.url);
    const arrive = async (number: number) => {
      project.events = [ledgerEvent(number), ...project.events];
      await page.locator("#events", { hasText: String(project.events[0]!.event_id) }).waitFor();
      await page.locator("#outcomes", { hasText: `applied${project.events.length - 1}` }).waitFor();
    };

    await page.getByRole("button", { name: "failed events, last hour" }).focus();
    await arrive(-1);
    equal(await page.evaluate("document.activeElement.ariaLabel"), "failed events, last hour");

    const id = project.events[2]!.event_id;
    await page.locator(`#events [data-event=${id}]`).click();
    await page.locator("#event-facts dt").first().waitFor();
    await arrive(-2);
    await page.keyboard.press("Escape");
    await page.locator(`#events [data-event=${id}]:focus`).waitFor();
  },
);
