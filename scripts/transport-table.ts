/**
 * The README's table of transports, made from the table by which they are tested: `npx tsx scripts/transport-table.ts`
 * writes it. A test holds that what stands in the README is this.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FORMATS, PLATFORMS, TRANSPORTS, type TransportRow } from '../test/every-transport/table.js'

const FORMAT_NAMES = { json: 'JSON', msgpack: 'MessagePack', cbor: 'CBOR' } as const

export function transportTable(): string {
  const headings = [
    'transport',
    'of a client',
    ...FORMATS.map((format) => FORMAT_NAMES[format]),
    ...PLATFORMS,
    '',
  ]
  return [row(headings), row(headings.map(() => '---')), ...TRANSPORTS.map(rowOf)].join('\n')
}

/** The page with the table put between its marks. */
export function withTable(page: string): string {
  return page.replace(
    /(<!-- transports -->\n)[\s\S]*?(<!-- \/transports -->)/,
    (_, begin: string, end: string) => `${begin}${transportTable()}\n${end}`,
  )
}

function rowOf({ name, how, without = {}, note }: TransportRow): string {
  const formats = FORMATS.map(() => 'yes')
  const platforms = PLATFORMS.map((platform) => (without[platform] === undefined ? 'yes' : ''))
  const reasons = PLATFORMS.flatMap((platform) => {
    const reason = without[platform]
    return reason === undefined ? [] : [`${platform}: ${reason}`]
  })
  const notes = [...(note === undefined ? [] : [note]), ...reasons]
  return row([name, how, ...formats, ...platforms, notes.join('; ')])
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`.replace(/ {2}(?=\|)/g, ' ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(resolve(import.meta.dirname, '..'), 'README.md')
  writeFileSync(path, withTable(readFileSync(path, 'utf8')))
}
