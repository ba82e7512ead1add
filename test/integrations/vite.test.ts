import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Rollup } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lowerDecorators } from '../../src/integrations/vite.js'

const SERVICE = `
const declared: string[] = []
function callee(method: Function, context: any) {
  declared.push(typeof context === 'object' ? \`standard \${context.name}\` : \`legacy \${context}\`)
}
class Service {
  kept = 1
  @callee add(a: number, b: number) { return a + b }
}
declare const field: unique symbol
globalThis.seen = [...declared, new Service().add(2, 3), Object.keys(new Service())]
`

describe('lowerDecorators', () => {
  let project = ''
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'wampkit-vite-'))
  })
  afterEach(() => rmSync(project, { recursive: true, force: true }))

  /** The program that Vite makes of an entry file, by its own settings but for the plugin. */
  async function built(
    code: string,
    compilerOptions: object = {},
    file = 'entry.ts',
  ): Promise<Rollup.OutputChunk> {
    writeFileSync(join(project, file), code)
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { target: 'es2022', ...compilerOptions } }),
    )
    const result = await build({
      root: project,
      configFile: false,
      logLevel: 'silent',
      plugins: [lowerDecorators()],
      build: {
        write: false,
        minify: false,
        sourcemap: true,
        rolldownOptions: { input: join(project, file) },
      },
    })
    const [output] = [result].flat()
    if (output === undefined || !('output' in output)) throw new Error('Vite made nothing')
    return output.output[0]
  }

  function run({ code }: Rollup.OutputChunk): unknown {
    const global: { seen?: unknown } = {}
    new Function('globalThis', code)(global)
    return global.seen
  }

  it('makes of standard decorators what browsers understand', async () => {
    const chunk = await built(SERVICE)
    expect(chunk.code).not.toMatch(/^\s*@\w/m)
    expect(run(chunk)).toEqual(['standard add', 5, ['kept']])
  })

  it('keeps the older dialect where tsconfig.json asks for it', async () => {
    expect(run(await built(SERVICE, { experimentalDecorators: true }))).toEqual(['legacy add', 5, ['kept']])
  })

  it('finds decorators wherever they stand, and in JavaScript', async () => {
    const code = SERVICE.replace(/^declare.*$/m, '')
      .replace('\n  kept = 1\n  @callee', ' kept = 1; @callee')
      .replace(/: (string\[\]|Function|any|number)/g, '')
    expect(run(await built(code, {}, 'entry.js'))).toEqual(['standard add', 5, ['kept']])
  })

  it('says in its source map where the code came from', async () => {
    const { map } = await built(SERVICE)
    expect(map?.sources.some((source) => source.endsWith('entry.ts'))).toBe(true)
    expect(map?.sourcesContent).toContain(SERVICE)
  })

  it('leaves everything else to Vite', async () => {
    const { transform } = lowerDecorators()
    if (typeof transform !== 'function') throw new Error('there is no transform')
    const left = (code: string, id: string) => transform.call({} as never, code, id)
    expect(await left('/**\n * @param a is no decorator\n */\nexport const a = 1', '/p/a.ts')).toBeNull()
    expect(await left("import x from '@scope/package'", '/p/a.ts')).toBeNull()
    expect(await left(SERVICE, '/p/a.css')).toBeNull()
    expect(await left(SERVICE, '/p/node_modules/x/a.ts')).toBeNull()
    expect(await left(SERVICE, '/p/a.ts?raw')).toBeNull()
    expect(await left(SERVICE, 'virtual:a.ts')).toBeNull()
  })
})
