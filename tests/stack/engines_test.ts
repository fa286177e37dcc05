import assert from "node:assert/strict";
import semver from "semver";
import lock from "../../package-lock.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };

Deno.test("every Node that package.json names is one that all packages accept", () => {
  const packages: Record<string, { version: string; engines?: { node?: string } }> = lock.packages;
  assert.ok(Object.keys(packages).length > 100);
  for (const [path, { engines }] of Object.entries(packages)) {
    const accepted = engines?.node ?? "*";
    assert.ok(semver.subset(packageJson.engines.node, accepted), `${path} wants ${accepted}`);
  }
});
