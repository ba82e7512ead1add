/** The first row is the head. Figures stand to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  // A sentence in place of figures leaves the rest of its row empty.
  const padded = body.map((cells) => head.map((_, column) => cells[column] ?? ''))
  return [
    line(head),
    line(head.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...padded.map(line),
  ].join('\n')
}

const BLOCK = /^<!-- bench: (\w+) ?(\S*) -->$[\s\S]*?^<!-- end -->$/gm

/**
 * The text with what stands between `<!-- bench: name argument -->` and `<!-- end -->` made anew.
 *
 * @throws Error if there is nobody who makes it.
 */
export function blocksFilled(
  text: string,
  blocks: Readonly<Record<string, (argument: string) => string>>,
): string {
  return text.replace(BLOCK, (_, name: string, argument: string) => {
    const make = blocks[name]
    if (make === undefined) throw new Error(`nobody makes what is called ${name}`)
    return `<!-- bench: ${name}${argument === '' ? '' : ` ${argument}`} -->\n${make(argument)}\n<!-- end -->`
  })
}
