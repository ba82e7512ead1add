import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InstalledProject } from '../../scripts/bundle-size.js'
import { failuresOf, runVitest, userProject, type VitestReport } from './user-project.js'

const ROOT = resolve(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/11-testing')
const PAGE = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8')

/** The code of the page that is tests for Vitest. */
const blocks = [...PAGE.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  .map(([, code = '']) => code)
  .filter((code) => code.includes("from 'wampkit/testing/vitest'"))

describe('a project that has the package installed, and runs Vitest', () => {
  let project: InstalledProject
  let report: VitestReport
  const resultsOf = (prefix: string) => report.testResults.filter(({ name }) => name.includes(`/${prefix}`))
  beforeAll(async () => {
    project = await userProject()
    for (const name of readdirSync(EXAMPLE)) copyFileSync(join(EXAMPLE, name), join(project.path, name))
    for (const [index, code] of blocks.entries())
      writeFileSync(join(project.path, `page-${index}.test.ts`), code)
    report = await runVitest(project)
  }, 60_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it('passes example 11, with fixtures, a router that goes away and fake timers, in under a second', () => {
    const [example] = resultsOf('quotes.test.ts')
    expect(example && failuresOf([example])).toEqual([])
    expect(example?.assertionResults).toHaveLength(3)
    expect((example?.endTime ?? 0) - (example?.startTime ?? 0)).toBeLessThan(1_000)
  })

  it('passes every test of docs/testing.md', () => {
    expect(failuresOf(resultsOf('page-'))).toEqual([])
    expect(resultsOf('page-')).toHaveLength(blocks.length)
    expect(blocks.length).toBeGreaterThan(7)
  })
})
