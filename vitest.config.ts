import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'
import { lowerDecorators } from './src/integrations/vite.js'

/**
 * A file that is imported with `?legacy` is in the older dialect of decorators, whatever its tsconfig.json says; all others
 * are lowered as those of a user's project.
 */
const lowerLegacyDecorators: Plugin = {
  name: 'lower-legacy-decorators',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('?legacy')) return null
    const file = id.slice(0, -'?legacy'.length)
    const { code, map } = await transform(await readFile(file, 'utf8'), {
      loader: 'ts',
      target: 'es2022',
      sourcemap: true,
      sourcefile: file,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
    })
    return { code, map }
  },
}

const conditions = ['wampkit-source', 'module', 'node', 'import', 'default']

export default defineConfig({
  plugins: [lowerLegacyDecorators, lowerDecorators()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // No module of ours keeps state, so files can share them: half of the time went into loading them again.
    isolate: false,
    // Much of the time is spent waiting for other processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './test/summary-reporter.ts'],
  },
})
