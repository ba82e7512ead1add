import { resolve } from 'node:path'
import { build } from 'esbuild'

const HERE = import.meta.dirname

/** The dialect of decorators that a program is lowered from. */
export type Dialect = 'standard' | 'legacy'

/** The files of the page's program, by their names: from the sources, by esbuild, with nothing put in place of anything. */
export async function programOf(dialect: Dialect): Promise<ReadonlyMap<string, Uint8Array>> {
  const legacy = dialect === 'legacy'
  const { outputFiles } = await build({
    entryPoints: ['entry.ts', 'worker.ts'].map((name) => resolve(HERE, name)),
    outdir: HERE,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['wampkit-source'],
    tsconfigRaw: { compilerOptions: { experimentalDecorators: legacy, useDefineForClassFields: !legacy } },
    write: false,
  })
  return new Map(outputFiles.map(({ path, contents }) => [path.slice(HERE.length + 1), contents]))
}
