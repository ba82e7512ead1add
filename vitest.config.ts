import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'

/**
 * Lowers decorators: the transformer that Vite brings handles only the older dialect. A file is in the standard
 * dialect unless it is imported with `?legacy`.
 */
const lowerDecorators: Plugin = {
  name: 'lower-decorators',
  enforce: 'pre',
  async load(id) {
    if (id.endsWith('?legacy')) return readFile(id.slice(0, -'?legacy'.length), 'utf8')
    return null
  },
  async transform(code, id) {
    const [file = id, query] = id.split('?')
    if (!file.endsWith('.ts') || file.includes('node_modules') || !/^\s*@\w/m.test(code)) return null
    const legacy = query === 'legacy'
    const result = await transform(code, {
      loader: 'ts',
      target: 'es2022',
      sourcemap: true,
      sourcefile: file,
      tsconfigRaw: { compilerOptions: { experimentalDecorators: legacy, useDefineForClassFields: !legacy } },
    })
    return { code: result.code, map: result.map }
  },
}

const conditions = ['wampkit-source', 'module', 'node', 'import', 'default']

export default defineConfig({
  plugins: [lowerDecorators],
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
