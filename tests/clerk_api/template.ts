/** Fills a template's gaps; the values come in the order of its marks. */
export type Template = (values: readonly (string | number)[]) => string;

/**
 * Cuts the JSON text of a body at its marks: texts or numbers that stand for what differs from object to object, and occur
 * nowhere else. Filling the gaps is many times faster than writing a body as JSON.
 */
export function template(body: object, marks: readonly (string | number)[]): Template {
  const pieces = JSON.stringify(body).split(new RegExp(`(${marks.join("|")})`));
  const texts = pieces.filter((_, index) => index % 2 === 0);
  const gaps = pieces.filter((_, index) => index % 2 === 1)
    .map((mark) => marks.findIndex((one) => String(one) === mark));
  return (values) => {
    let text = texts[0]!;
    for (let index = 0; index < gaps.length; index++) {
      text += values[gaps[index]!] + texts[index + 1]!;
    }
    return text;
  };
}
