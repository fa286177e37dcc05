/** The text of --help, which names the parts. */
export function help(parts: string[]): string {
  return `Measures how fast everything is, side by side with what it is compared with, and says whether each
number is what it must be. Every part starts a stack of its own.

  npm run bench                          all parts
  npm run bench -- flood sync-status     these alone

Parts:
${parts.map((name) => `  ${name}`).join("\n")}

  --quick     small sizes and short times: shows that the parts work, not how fast anything is
  --seed N    where every random choice begins (1)
  --json      the report as one JSON object on stdout; progress is on stderr
  --save      keeps what was measured: in tests/benchmarks/results.json, as charts in
              tests/benchmarks/charts, and in the table of tests/README.md
  --help      this text

Exit code: 0 every number is what it must be (with --quick: every part ran), 1 one is not or a part
failed, 2 wrong usage, 130 interrupted.
`;
}
