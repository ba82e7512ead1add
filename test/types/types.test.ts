import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

/** The two newest major versions of TypeScript. */
const COMPILERS = ['typescript', 'typescript-6']

const majorOf = (compiler: string) => {
  const { version } = require(`${compiler}/package.json`) as { version: string }
  return Number.parseInt(version, 10)
}

/** What the compiler complains of; nothing if all is well. */
async function compile(compiler: string, project: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc')
  const compiled = await promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', project], {
    cwd: ROOT,
  }).catch((error: { stdout: string }) => error)
  return compiled.stdout
}

/** A project beside the tests, in a folder that no other compilation looks into. */
function emptyProject(): string {
  const project = mkdtempSync(join(ROOT, 'test/.generated-'))
  const tsconfig = { extends: '../../tsconfig.json', include: ['**/*.ts'] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
  return project
}

it('the compilers are of the two newest major versions', () => {
  const [newest = 0, previous] = COMPILERS.map(majorOf)
  expect(newest).toBeGreaterThanOrEqual(7)
  expect(previous).toBe(newest - 1)
})

describe.each(COMPILERS)('with %s', (compiler) => {
  it('what crosses the wire is inferred, and what must not compile does not', async () => {
    expect(await compile(compiler, import.meta.dirname)).toBe('')
  }, 60_000)
})

it('a method has to fit its contract in the older dialect of decorators too', async () => {
  expect(await compile('typescript', join(import.meta.dirname, 'legacy'))).toBe('')
}, 60_000)

// A line that is expected to fail, and does not, is an error: so the rest of the file is looked at as well.
it('a line that compiles where it must not is told', async () => {
  const project = emptyProject()
  try {
    for (const name of readdirSync(import.meta.dirname).filter((file) => /^\w+\.ts$/.test(file))) {
      const text = readFileSync(join(import.meta.dirname, name), 'utf8')
      writeFileSync(join(project, name), text.replaceAll('// @ts-expect-error', '//'))
    }
    const complaints = await compile('typescript', project)
    for (const name of ['procedures', 'topics', 'decorators', 'proxies'])
      expect(complaints).toContain(`${name}.ts(`)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}, 60_000)

/** What is changed in the contract of the example, and which of its files must not compile then. */
const CHANGES: readonly (readonly [what: string, from: string, to: string, broken: readonly string[]])[] = [
  ['nothing', '', '', []],
  ['the name of an argument', 'celsius:', 'fahrenheit:', ['main.ts', 'service.ts']],
  ['the type of an argument', 'place: z.string()', 'place: z.number()', ['main.ts', 'service.ts']],
  ['the type of a result', 'result: z.number()', 'result: z.array(z.number())', ['service.ts']],
  ['the URI of an error', 'unknown_place', 'no_such_place', ['main.ts', 'service.ts']],
]

describe('a contract in one file, a service and a caller in two others', () => {
  let project = ''
  let told = ''
  const folderOf = (what: string) => what.replaceAll(' ', '-')

  // All of them at once: a compiler takes longer to begin than to go on.
  beforeAll(async () => {
    project = emptyProject()
    for (const [what, from, to] of CHANGES) {
      const folder = join(project, folderOf(what))
      cpSync(join(ROOT, 'examples/10-contracts'), folder, { recursive: true })
      const contract = readFileSync(join(folder, 'contract.ts'), 'utf8')
      expect(contract).toContain(from)
      writeFileSync(join(folder, 'contract.ts'), from === '' ? contract : contract.replaceAll(from, to))
    }
    told = await compile('typescript', project)
  }, 60_000)
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  it.each(CHANGES)(
    'where %s is changed in the contract alone, those break that have to',
    (what, _, __, broken) => {
      const complaints = told.matchAll(new RegExp(`/${folderOf(what)}/([\\w-]+\\.ts)\\(\\d`, 'g'))
      expect([...new Set([...complaints].map(([, name]) => name))].sort()).toEqual(broken)
    },
  )
})
