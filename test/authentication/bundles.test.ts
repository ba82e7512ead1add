import { resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

/** The packages whose code is in the bundle of a program for browsers that uses one export of the client's door. */
async function packagesFor(name: string): Promise<{ eager: string[]; all: string[] }> {
  const contents = `import { ${name} } from './src/index.ts'\nconsole.log(${name})`
  const { metafile } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['wampkit-source'],
    target: 'es2022',
    metafile: true,
    write: false,
    outdir: 'out',
  })
  const packagesOf = (paths: Iterable<string>) =>
    [
      ...new Set([...paths].flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? [])),
    ].sort()
  const { outputs } = metafile
  const loaded = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === '<stdin>'))
  const later = new Set<string>()
  for (const path of loaded)
    for (const { path: target, kind } of outputs[path]?.imports ?? [])
      (kind === 'dynamic-import' ? later : loaded).add(target)
  const inside = (paths: Iterable<string>) =>
    [...paths].flatMap((path) =>
      Object.entries(outputs[path]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
        bytesInOutput > 0 ? input : [],
      ),
    )
  return { eager: packagesOf(inside(loaded)), all: packagesOf(inside([...loaded, ...later])) }
}

describe('bundles for browsers', () => {
  it.each(['Client', 'ticket', 'tls', 'cookie'])('%s brings no cryptography', async (name) => {
    expect(await packagesFor(name)).toEqual({ eager: [], all: [] })
  })

  it.each(['wampcra', 'scram'])(
    '%s brings it in chunks that are loaded if WebCrypto has not got it',
    async (name) => {
      expect(await packagesFor(name)).toEqual({ eager: [], all: ['@noble/hashes'] })
    },
  )

  it('cryptosign brings its curve', async () => {
    expect(await packagesFor('cryptosign')).toMatchObject({ eager: ['@noble/curves', '@noble/hashes'] })
  })
})
