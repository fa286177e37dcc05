import { parseArgs } from "node:util";

/**
 * The arguments of a command that has no option but --help, `most` of them. Prints the help and ends the process for --help;
 * ends it with code 2 for what the command does not take.
 */
export function readArguments(argv: string[], help: string, most: number = 0): string[] {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h", default: false } },
    });
    if (values.help) return end(console.log, help, 0);
    if (positionals.length <= most) return positionals;
    return end(console.error, `'${positionals[most]}' is not taken.\n\n${help}`, 2);
  } catch (error) {
    return end(console.error, `${(error as Error).message}\n\n${help}`, 2);
  }
}

function end(print: (text: string) => void, text: string, code: number): never {
  print(text);
  Deno.exit(code);
}
