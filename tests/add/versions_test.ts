/** A version is the same wherever it is said, and what was released stays. */
import assert from "node:assert/strict";
import packageJson from "../../package.json" with { type: "json" };
import { currentChecksums, keptChecksums, whatIsWrong } from "../../scripts/checksums.ts";
import { openProject } from "../../scripts/add/project.ts";
import { clento } from "./clento.ts";
import { add, RELEASE } from "./support.ts";

const { version } = packageJson;

Deno.test("package.json, the changelog, the database and the manifest say the same version", () => {
  const changelog = Deno.readTextFileSync(new URL("../../CHANGELOG.md", import.meta.url));
  assert.equal(/^## \[(.+?)\] - \d{4}-\d\d-\d\d$/m.exec(changelog)?.[1], version);
  const said = RELEASE.migrations.map(({ text }) =>
    /function clerk_sync\.version\(\)[\s\S]*?select '(.+?)';/.exec(text)?.[1]
  );
  assert.equal(said.findLast(Boolean), version);
  using project = clento();
  add(project.root);
  assert.equal(openProject(project.root).manifest?.version, version);
});

Deno.test("the migrations are as their committed checksums say", () => {
  assert.equal(whatIsWrong(keptChecksums(), currentChecksums(), version), null);
});

const KEPT = ["aa  migrations/1_a.sql", "bb  migrations/2_b.sql"];
const EDITED = ["aa  migrations/1_a.sql", "cc  migrations/2_b.sql"];
const LISTS: [name: string, current: string[], version: string, says: RegExp | null][] = [
  ["the same is fine", KEPT, "1.0.0", null],
  [
    "an edit before 1.0.0 is to be confirmed",
    EDITED,
    "0.9.0",
    /other checksums of 2_b.sql.*checksums.ts/,
  ],
  [
    "a new one is to be confirmed, too",
    [...KEPT, "dd  migrations/3_c.sql"],
    "1.2.0",
    /other checksums of 3_c.sql/,
  ],
  ["an edit since 1.0.0 is refused", EDITED, "1.0.0", /not edited any more, but added to: 2_b.sql/],
  [
    "a deletion since 1.0.0 is refused",
    KEPT.slice(1),
    "2.0.0",
    /not edited any more, but added to: 1_a.sql/,
  ],
];

for (const [name, current, version, says] of LISTS) {
  Deno.test(`checksums: ${name}`, () => {
    const wrong = whatIsWrong(KEPT, current, version);
    if (says === null) assert.equal(wrong, null);
    else assert.match(wrong ?? "", says);
  });
}
