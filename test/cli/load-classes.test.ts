import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadClasses, parseTarget } from '../../src/cli/load-classes.js'
import { Client } from '../../src/peers/client/client.js'

class Dates extends Client {}
class Numbers extends Client {}
class Plain {}

const FILE = join(import.meta.dirname, 'load-classes.test.ts')
const exporting = (exports: Record<string, unknown>) => ({ import: async () => exports })
const names = async (target: string, exports: Record<string, unknown>) =>
  (await loadClasses([target], exporting(exports))).map(({ name }) => name)

describe('FILE[:Class]', () => {
  it.each([
    ['service.ts', 'service.ts', undefined],
    ['service.ts:DateService', 'service.ts', 'DateService'],
    ['src/a:b.ts', 'src/a:b.ts', undefined],
    ['C:\\service.ts', 'C:\\service.ts', undefined],
    ['C:\\service.ts:$Å', 'C:\\service.ts', '$Å'],
  ])('%s is taken apart', (text, file, className) => {
    expect(parseTarget(text)).toEqual({ file, className })
  })
})

describe('a file', () => {
  const all = { Dates, Numbers, Client, Plain, number: 5, again: Dates }

  it('without a class gives every Client that it exports, once, and not Client itself', async () => {
    expect(await names(FILE, all)).toEqual(['Dates', 'Numbers'])
    expect(await names(FILE, { default: Dates })).toEqual(['Dates'])
  })

  it('with a class gives that one', async () => {
    expect(await names(`${FILE}:Numbers`, all)).toEqual(['Numbers'])
    expect(await names(`${FILE}:default`, { default: Dates })).toEqual(['Dates'])
  })

  it('of CommonJS gives what is in its default export', async () => {
    expect(await names(FILE, { default: { Dates } })).toEqual(['Dates'])
    expect(await names(`${FILE}:Dates`, { default: { Dates } })).toEqual(['Dates'])
  })

  it('may be named several times', async () => {
    const loaded = await loadClasses([`${FILE}:Dates`, FILE], exporting(all))
    expect(loaded.map(({ name }) => name)).toEqual(['Dates', 'Numbers'])
  })

  it('that is not there, or is a folder, is refused', async () => {
    await expect(loadClasses(['no/such.ts'])).rejects.toThrow(/^there is no file no\/such\.ts$/)
    await expect(loadClasses([import.meta.dirname])).rejects.toThrow(/ is no file; name the file/)
  })

  it('without a Client, or without this one, is refused', async () => {
    await expect(names(FILE, { Plain, Client })).rejects.toThrow(/load-classes\.test\.ts exports no Client; /)
    await expect(names(`${FILE}:Plain`, all)).rejects.toThrow(/^Plain in .* is no Client; it must be a class/)
    await expect(names(`${FILE}:Date`, all)).rejects.toThrow(
      /exports no class Date; it exports Dates, Numbers, again$/,
    )
    await expect(names(`${FILE}:Date`, {})).rejects.toThrow(
      /exports no class Date; it exports no Client at all$/,
    )
  })
})
