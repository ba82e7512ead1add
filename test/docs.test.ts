import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, vi } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const GENERATED = join(ROOT, 'test/.generated')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }))

/** What a fragment may take for given. */
const PREAMBLE = `import { CanceledError, type Client as AnyClient } from 'wampkit'
declare const client: AnyClient
void CanceledError
`

interface Block {
  readonly title: string
  readonly file: string
  readonly code: string
  /** A program of its own, that ends by itself and needs no port. */
  readonly runs: boolean
}

const blocks: readonly Block[] = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
    const whole = /^import /m.test(code)
    return {
      title: `${name}, block ${index + 1}`,
      file: `${name.replace(/\W/g, '-')}-${index + 1}.ts`,
      code: whole ? code : `${PREAMBLE}\n${code}\nexport {}\n`,
      runs: whole && /^(?:const|await using) .*await /m.test(code),
    }
  }),
)

beforeAll(() => {
  rmSync(GENERATED, { recursive: true, force: true })
  mkdirSync(GENERATED, { recursive: true })
  for (const { file, code } of blocks) writeFileSync(join(GENERATED, file), code)
  const tsconfig = {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false },
    include: ['*.ts'],
  }
  writeFileSync(join(GENERATED, 'tsconfig.json'), JSON.stringify(tsconfig))
})

describe('the code of the pages', () => {
  it('compiles, all of it', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const compiled = await promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', GENERATED]).catch(
      (error: { stdout: string }) => error,
    )
    expect(compiled.stdout).toBe('')
    expect(blocks.length).toBeGreaterThan(15)
  })

  it.each(blocks.filter(({ runs }) => runs))('runs: $title', async ({ title, file }) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      await import(/* @vite-ignore */ join(GENERATED, file))
      if (title.startsWith('README.md'))
        expect(log).toHaveBeenCalledWith(new Date().toISOString().slice(0, 10))
    } finally {
      log.mockRestore()
    }
  })
})

describe('the links of the pages', () => {
  it('lead to files and headings that exist', () => {
    const dead = pages.flatMap(({ name, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].flatMap(([, link = '']) => {
        const [path = '', heading] = link.split('#')
        const target = path === '' ? join(ROOT, name) : resolve(ROOT, dirname(name), path)
        if (!existsSync(target)) return [`${name}: ${link}`]
        if (heading === undefined) return []
        return headingsOf(readFileSync(target, 'utf8')).includes(heading)
          ? []
          : [`${relative(ROOT, target)}#${heading}`]
      }),
    )
    expect(dead).toEqual([])
  })
})

function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
}
