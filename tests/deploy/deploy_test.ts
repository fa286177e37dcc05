/** `npm run deploy`, with the Supabase CLI itself and a stand-in for Supabase's Management API. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { answers, freePort } from "../../scripts/stack/ports.ts";
import { EDGE_DENO, HAS_EDGE_DENO } from "../support/edge_deno.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const SERVE_AT = join(ROOT, "tests", "support", "serve_at.ts");
const REF = "abcdefghijklmnopqrst";
const NAMES = ["clerk-webhook", "sync-from-clerk"];

/** What was uploaded of a function. */
interface Upload {
  metadata: Record<string, unknown>;
  files: { path: string; text: string }[];
}

Deno.test("each function is uploaded as one file that starts without packages", async () => {
  await using api = startManagementApi();
  const { code, output } = await deploy(api.url, ["--project-ref", REF, "--yes"]);
  assert.equal(code, 0, output);
  assert.deepEqual([...api.uploads.keys()].sort(), NAMES);
  for (const [name, { metadata, files }] of api.uploads) {
    const path = `supabase/functions/${name}/index.js`;
    assert.deepEqual(files.map((file) => file.path), [path]);
    assert.deepEqual([metadata.entrypoint_path, metadata.verify_jwt], [path, false]);
    if (HAS_EDGE_DENO) assert.equal(await firstWord(files[0]!.text), "misconfigured");
  }
});

Deno.test("what the CLI does not deploy is told by exit code 1", async () => {
  await using api = startManagementApi(403);
  assert.equal((await deploy(api.url, ["--project-ref", REF, "--yes"])).code, 1);
});

for (const args of [[], ["--project-ref", "https://example.supabase.co", "--yes"]]) {
  Deno.test(`deploy ${args.join(" ")} is wrong usage, and deploys nothing`, async () => {
    await using api = startManagementApi();
    assert.equal((await deploy(api.url, args)).code, 2);
    assert.equal(api.uploads.size, 0);
  });
}

/** As much of https://supabase.com/docs/reference/api as a deployment asks for. */
function startManagementApi(status = 201) {
  const uploads = new Map<string, Upload>();
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const slug = searchParams.get("slug");
    if (!pathname.endsWith("/functions/deploy") || !slug) return answerToOthers(request);
    if (status !== 201) return Response.json({ message: "no" }, { status });
    const form = await request.formData();
    const files = form.getAll("file").filter((file) => file instanceof File);
    uploads.set(slug, {
      metadata: JSON.parse(String(form.get("metadata"))),
      files: await Promise.all(
        files.map(async (file) => ({ path: file.name, text: await file.text() })),
      ),
    });
    return Response.json({ id: slug, slug, name: slug, version: 1, status: "ACTIVE" }, { status });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answerToOthers({ method, url }: Request): Response {
  if (!new URL(url).pathname.endsWith("/functions")) return Response.json({});
  return Response.json(method === "PUT" ? { functions: [] } : []);
}

async function deploy(apiUrl: string, args: string[]): Promise<{ code: number; output: string }> {
  const home = await Deno.makeTempDir({ prefix: "deploy-" });
  const profile = join(home, "profile.yaml");
  const lines = [
    "name: stand-in",
    `api_url: ${apiUrl}`,
    `dashboard_url: ${apiUrl}`,
    "project_host: localhost",
  ];
  await Deno.writeTextFile(profile, lines.join("\n"));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "scripts/cli.ts", "deploy", ...args],
    cwd: ROOT,
    env: { HOME: home, SUPABASE_PROFILE: profile, SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}` },
    stdin: "null",
  }).output();
  await Deno.remove(home, { recursive: true });
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, output };
}

/** The word with which a file, alone in a folder, answers on the Deno of the Edge Runtime. */
async function firstWord(code: string): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "deployed-" });
  const file = join(folder, "index.js");
  await Deno.writeTextFile(file, code);
  const port = freePort();
  const alone = ["--no-config", "--no-npm", "--no-remote", "--cached-only"];
  const child = new Deno.Command(EDGE_DENO, {
    args: ["run", "-A", ...alone, SERVE_AT, String(port), pathToFileURL(file).href],
    cwd: folder,
    clearEnv: true,
    env: { DENO_DIR: join(folder, "cache"), DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
  }).spawn();
  try {
    let hasEnded = false;
    child.status.then(() => hasEnded = true);
    while (!await answers(port)) {
      assert.ok(!hasEnded, "it ended before it listened");
      await new Promise((resume) => setTimeout(resume, 20));
    }
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST" });
    return (await response.json()).error;
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}
