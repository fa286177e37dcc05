import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { request } from "node:http";
import { AskError, createAsk } from "../../scripts/dashboard/ask.ts";
import { stackEnv } from "../support/stack_env.ts";
import { fakeProject, ledgerEvent, serve } from "./fake_project.ts";

const PATHS = [
  "/",
  "/app.js",
  "/style.css",
  "/icon-bad.svg",
  "/api/status",
  "/api/events",
  "/nothing",
];

/** A request whose Host header is set by hand, which fetch does not allow. */
function statusFor(url: string, headers: Record<string, string>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    }).on("error", reject).end();
  });
}

Deno.test("every answer forbids what is inline and what comes from elsewhere", async () => {
  await using dashboard = await serve(fakeProject().ask);
  for (const path of PATHS) {
    const response = await fetch(dashboard.url + path);
    await response.body?.cancel();
    const policy = response.headers.get("content-security-policy") ?? "";
    match(policy, /default-src 'self'/);
    ok(!policy.includes("unsafe"));
    equal(response.headers.get("x-content-type-options"), "nosniff");
    equal(response.headers.get("referrer-policy"), "no-referrer");
    equal(response.headers.get("access-control-allow-origin"), null);
    equal(response.status, path === "/nothing" ? 404 : 200);
  }
});

Deno.test("a name that is not this machine's own is refused: DNS rebinding ends here", async () => {
  await using dashboard = await serve(fakeProject().ask);
  const url = `${dashboard.url}/api/status`;
  const { port } = new URL(url);
  for (const host of ["127.0.0.1", "localhost", `[::1]:${port}`, `LOCALHOST:${port}`]) {
    equal(await statusFor(url, { host }), 200, host);
  }
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "a@b c"]) {
    equal(await statusFor(url, { host }), 421, host);
  }
});

Deno.test("only GET is answered, and no other site's page", async () => {
  await using dashboard = await serve(fakeProject().ask);
  const url = `${dashboard.url}/api/events`;
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    equal(await statusFor(url, {}, method), 405, method);
  }
  equal(await statusFor(url, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }), 403);
  equal(await statusFor(url, { "sec-fetch-site": "same-origin" }), 200);
  equal(
    await statusFor(url, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }),
    200,
  );
});

Deno.test("no path of a request reaches the disk", async () => {
  await using dashboard = await serve(fakeProject().ask);
  for (const path of ["/../ask.ts", "/%2e%2e/ask.ts", "/..%2fask.ts", "//etc/passwd"]) {
    equal(await statusFor(dashboard.url + path, {}), 404, path);
  }
});

Deno.test("the page is bound to loopback", async () => {
  await using dashboard = await serve(fakeProject().ask);
  equal(new URL(dashboard.url).hostname, "127.0.0.1");
  const others = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  const port = Number(new URL(dashboard.url).port);
  for (const { address: hostname } of others) await rejects(Deno.connect({ hostname, port }));
});

Deno.test("no answer holds the project's key", async () => {
  const { API_URL, SECRET_KEY } = stackEnv();
  const ask = createAsk({ url: new URL(API_URL), secretKey: SECRET_KEY });
  await using dashboard = await serve(ask);
  for (const path of PATHS) {
    ok(!(await (await fetch(dashboard.url + path)).text()).includes(SECRET_KEY), path);
  }
  const reader = (await fetch(`${dashboard.url}/api/live`)).body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  const text = new TextDecoder().decode(value);
  match(text, /"health"/);
  ok(!text.includes(SECRET_KEY));
});

Deno.test("the filter of the list goes to the database as its arguments", async () => {
  const project = fakeProject([ledgerEvent(0)]);
  await using dashboard = await serve(project.ask);
  const before = "2026-11-24 19:52:00.123456+00";
  const query = new URLSearchParams({
    outcome: "open",
    type: "user.created",
    id: " user_1 ",
    before,
    since: "2026-11-24T18:00:00Z",
  });
  deepEqual(await (await fetch(`${dashboard.url}/api/events?${query}`)).json(), []);
  deepEqual(project.calls, [{
    name: "sync_list_events",
    args: {
      p_outcomes: ["failed", "rejected"],
      p_event_type: "user.created",
      p_clerk_id: "user_1",
      p_before: before,
      p_since: "2026-11-24T18:00:00Z",
      p_limit: 50,
    },
  }]);
});

Deno.test("a filter that cannot be one is refused before the database is asked", async () => {
  const project = fakeProject();
  await using dashboard = await serve(project.ask);
  const queries = [
    "outcome=no",
    "before=now()",
    "since=soon",
    `id=${"x".repeat(201)}`,
    "id=a%00b",
    "type=a%00b",
  ];
  for (const query of queries) {
    equal(await statusFor(`${dashboard.url}/api/events?${query}`, {}), 400, query);
  }
  deepEqual(project.calls, []);
});

/** In the form of a time, and none: PostgreSQL refuses them. */
const NO_TIMES = [
  "2026-13-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "2025-02-29T00:00:00Z",
  "2026-00-10T00:00:00Z",
  "0000-01-01T00:00:00Z",
  "2026-01-01T25:00:00Z",
  "2026-01-01T00:60:00Z",
  "2026-01-01T00:00:61Z",
  "2026-01-01T00:00:00+16",
  "2026-01-01T00:00:00+00:60",
  "2026-01-01T00:00:00-99:99",
];

const TIMES = [
  "2024-02-29T23:59:59.999999Z",
  "0001-01-01 00:00:00+00",
  "9999-12-31T23:59:59-15:59",
  "2026-11-24 19:52:00.1+05:30",
];

Deno.test("the page takes the times that PostgreSQL takes, and no others", async () => {
  const { API_URL, SECRET_KEY } = stackEnv();
  const project = { url: new URL(API_URL), secretKey: SECRET_KEY };
  await using dashboard = await serve(createAsk(project));
  for (const [times, status, taken] of [[TIMES, 200, true], [NO_TIMES, 400, false]] as const) {
    for (const p_before of times) {
      const answer = createAsk(project)("sync_list_events", { p_before });
      equal(await answer.then(() => true, () => false), taken, p_before);
      const query = new URLSearchParams({ before: p_before });
      equal(await statusFor(`${dashboard.url}/api/events?${query}`, {}), status, p_before);
    }
  }
});

Deno.test("a list that the database does not give is 503, with no word of its own", async () => {
  const project = fakeProject([], "PGRST001");
  await using dashboard = await serve(project.ask);
  const response = await fetch(`${dashboard.url}/api/events`);
  equal(response.status, 503);
  deepEqual(await response.json(), { error: "unavailable" });
});

Deno.test("what is wrong with a project is told in words, with what helps", async () => {
  const { API_URL } = stackEnv();
  const problemAt = async (url: string, secretKey: string, name = "sync_status") => {
    try {
      await createAsk({ url: new URL(url), secretKey })(name);
    } catch (error) {
      if (error instanceof AskError) return error.problem.reason;
    }
    return null;
  };
  equal(await problemAt("http://127.0.0.1:9", "k"), "The Data API cannot be reached.");
  equal(await problemAt(API_URL, "sb_secret_guessed"), "The key is not accepted.");
  const { SECRET_KEY } = stackEnv();
  match(await problemAt(API_URL, SECRET_KEY, "no_such_rpc") ?? "", /functions of the sync are not/);
});
