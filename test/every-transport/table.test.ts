import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withTable } from '../../scripts/transport-table.js'
import { openPlace } from './places.js'
import { TRANSPORTS } from './table.js'

const README = readFileSync(join(resolve(import.meta.dirname, '../..'), 'README.md'), 'utf8')

describe('the table of transports', () => {
  it('stands in the README as the tests have it: npx tsx scripts/transport-table.ts', () => {
    expect(README).toContain('<!-- transports -->')
    expect(withTable(README)).toBe(README)
  })

  it('has a row for each place that the tests open, and no other', () => {
    expect(TRANSPORTS.map(({ id }) => id).sort()).toEqual(Object.keys(openPlace).sort())
  })
})
