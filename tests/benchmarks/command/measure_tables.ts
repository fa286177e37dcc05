import { plainTable } from "../../../scripts/command/terminal.ts";
import type { Measure } from "../part.ts";
import { formatNumber } from "./amount.ts";

/** Tables of measures, one for each unit: a row for each group where that fits into the width, else one for each measure. */
export function measureTables(measures: Measure[], width: number): string[] {
  return unique(measures.map(({ unit }) => unit)).map((unit) => {
    const same = measures.filter((measure) => measure.unit === unit);
    const across = isDense(same) ? tableOfGroups(unit, same) : undefined;
    return across !== undefined && fits(across, width) ? across : listOfMeasures(unit, same);
  });
}

/** Whether groups share most of their names: otherwise a row for each group is mostly empty. */
function isDense(measures: Measure[]): boolean {
  const { groups, names } = axes(measures);
  return groups.length > 1 && measures.length * 2 > groups.length * names.length;
}

function tableOfGroups(unit: string, measures: Measure[]): string {
  const { groups, names } = axes(measures);
  const rows = groups.map((group) => [
    group,
    ...names.map((name) => {
      const found = measures.find((measure) => measure.group === group && measure.name === name);
      return found ? formatNumber(found.value) : "";
    }),
  ]);
  return plainTable([unit, ...names], rows);
}

function listOfMeasures(unit: string, measures: Measure[]): string {
  const { groups } = axes(measures);
  const rows = groups.flatMap((group) => [
    [group, ""],
    ...measures.filter((measure) => measure.group === group)
      .map(({ name, value }) => [`  ${name}`, formatNumber(value)]),
  ]);
  return plainTable(["", unit], rows);
}

function axes(measures: Measure[]): { groups: string[]; names: string[] } {
  return {
    groups: unique(measures.map(({ group }) => group)),
    names: unique(measures.map(({ name }) => name)),
  };
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}

function fits(table: string, width: number): boolean {
  return table.split("\n").every((line) => line.length <= width);
}
