import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'

/** Lowers standard decorators: the transformer that Vite brings handles only the legacy dialect. */
const lowerDecorators: Plugin = {
  name: 'lower-standard-decorators',
  enforce: 'pre',
  async transform(code, id) {
    const file = id.split('?')[0] ?? id
    if (!file.endsWith('.ts') || file.includes('node_modules') || !/^\s*@\w/m.test(code)) return null
    const legacy = file.includes('legacy-decorators')
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

export default defineConfig({
  plugins: [lowerDecorators],
  resolve: { conditions: ['wampkit-source', 'module', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['wampkit-source', 'module', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
