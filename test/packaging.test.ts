import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VERSION } from '../src/version.js'

const ROOT = resolve(import.meta.dirname, '..')
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const TSX = pathToFileURL(join(ROOT, 'node_modules/tsx/dist/loader.mjs')).href
const run = promisify(execFile)
const today = () => new Date().toISOString().slice(0, 10)

const built = existsSync(join(ROOT, 'dist/index.js'))

// `npm test` builds first; by itself this file needs `npm run build`.
describe.skipIf(!built && !process.env.CI)('the package, installed into an empty project', () => {
  let project = ''
  const npm = (...args: string[]) => run('npm', args, { cwd: project })
  const node = async (...args: string[]) =>
    (await run(process.execPath, args, { cwd: project })).stdout.trim()

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'wampkit-'))
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
      cwd: ROOT,
    })
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ name: 'empty', type: 'module', private: true }),
    )
    await npm('install', '--no-audit', '--no-fund', '--prefer-offline', join(project, filename))
    const [, program = ''] =
      readFileSync(join(ROOT, 'README.md'), 'utf8').match(/^```ts\n([\s\S]*?)^```$/m) ?? []
    writeFileSync(join(project, 'hello.ts'), program)
  }, 60_000)

  afterAll(() => rmSync(project, { recursive: true, force: true }))

  it("type-checks the README's first program, declarations included, with no library but the standard one", async () => {
    const compilerOptions = { strict: true, target: 'es2022', module: 'nodenext', types: [], outDir: 'out' }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['hello.ts'] }))
    const { stdout } = await run(process.execPath, [TSC], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })

  it('runs it after tsc', async () => {
    expect(await node('out/hello.js')).toBe(today())
  })

  it('runs it under tsx', async () => {
    expect(await node('--import', TSX, 'hello.ts')).toBe(today())
  })

  it('opens every door', async () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: object }
    // Fixtures for Vitest are for projects that have it.
    const doors = Object.keys(exports).filter((door) => !/\.json$|\/vitest$/.test(door))
    const imports = doors.map((door) => `import '${door.replace('.', 'wampkit')}'`)
    expect(await node('--input-type=module', '--eval', `${imports.join('\n')}\nconsole.log('open')`)).toBe(
      'open',
    )
  })

  it('brings the command line', async () => {
    expect((await npm('exec', '--no', '--', 'wampkit', '--version')).stdout.trim()).toBe(VERSION)
  })

  it('carries its declarations, source maps, licence and changes, and no tests', async () => {
    const inside = (path: string) => existsSync(join(project, 'node_modules/wampkit', path))
    for (const path of [
      'dist/index.d.ts',
      'dist/index.js.map',
      'src/index.ts',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
    ])
      expect(inside(path), path).toBe(true)
    expect(inside('test')).toBe(false)
  })
})

it('the version in the code is that of the package', () => {
  expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).toMatchObject({ version: VERSION })
})
