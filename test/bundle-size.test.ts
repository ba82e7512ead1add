import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLERS, type BundlerName, gzipped, InstalledProject, PROGRAMS } from '../scripts/bundle-size.js'

/** Octets, minified and gzipped, of a client with its decorators and JSON. What is added has to be worth its weight. */
const LIMIT = 25_500

const bundlers = Object.keys(BUNDLERS) as BundlerName[]

describe('a bundle for browsers, made without configuration', () => {
  let project: InstalledProject
  beforeAll(async () => {
    project = await InstalledProject.make()
  }, 60_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it.each(bundlers)(
    'by %s has a client within the limit, in one piece and with nothing of Node',
    async (bundler) => {
      const [imports, used] = PROGRAMS['Client, callee, subscriber'] ?? ['', '']
      const code = await project.bundle(bundler, imports, used)
      expect(code).toContain('globalThis.used')
      expect(code).not.toMatch(/\bnode:|\bimport\b|\brequire\(/)
      expect(gzipped(code)).toBeLessThan(LIMIT)
    },
  )

  it.each(bundlers)('by %s leaves away what is not used', async (bundler) => {
    const code = await project.bundle(
      bundler,
      "import { ApplicationError } from 'wampkit'",
      'ApplicationError',
    )
    expect(gzipped(code)).toBeLessThan(500)
  })

  it.each(Object.entries(PROGRAMS))('%s has nothing of Node', async (_, [imports, used]) => {
    expect(await project.bundle('esbuild', imports, used)).not.toMatch(/\bnode:/)
  })
})
