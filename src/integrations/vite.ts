/** The door `wampkit/vite`: for projects that Vite, or Vitest, builds. */
import { extname, isAbsolute } from 'node:path'
import type { Plugin } from 'vite'
import { UsageError } from '../errors.js'

/** How each kind of file is to be read. */
const LOADERS: Readonly<Record<string, 'ts' | 'tsx' | 'js' | 'jsx'>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.jsx': 'jsx',
}

/** A line, no comment, that has something like a decorator in it. */
const DECORATOR = /^(?!\s*(?:\*|\/\/|\/\*))(?:.*[\s;{}()])?@[A-Za-z_$(]/m

/** What is asked for with these is not the module. */
const NOT_A_MODULE = /[?&](?:raw|url)\b/

/**
 * Lowers decorators, in the dialect that the `tsconfig.json` of each file says: the transformer that Vite 8 brings lowers
 * only that of `experimentalDecorators`, and passes the standard ones on to browsers, and to versions of Node, that cannot
 * read them. Vite's own settings stay in force for all else. Needs the package `esbuild`.
 *
 *     export default defineConfig({ plugins: [lowerDecorators()] })
 *
 * @throws UsageError when the build starts, if `esbuild` is not installed.
 */
export function lowerDecorators(): Plugin {
  let esbuild: Pick<typeof import('esbuild'), 'build'> | undefined
  return {
    name: 'wampkit:lower-decorators',
    enforce: 'pre',
    async transform(code, id) {
      const [file = id] = id.split('?')
      const loader = LOADERS[extname(file)]
      // What other plugins make up has no path.
      if (loader === undefined || !isAbsolute(file) || file.includes('/node_modules/')) return null
      if (NOT_A_MODULE.test(id) || !DECORATOR.test(code)) return null
      esbuild ??= await loadEsbuild()
      // A build of this one file, and no mere transform: only a build looks for the file's tsconfig.json.
      const { outputFiles } = await esbuild.build({
        entryPoints: [file],
        plugins: [
          {
            name: 'given',
            setup: ({ onLoad }) => onLoad({ filter: /.*/ }, () => ({ contents: code, loader })),
          },
        ],
        bundle: false,
        write: false,
        outdir: '.',
        format: 'esm',
        target: 'esnext',
        supported: { decorators: false },
        jsx: 'preserve',
        sourcemap: 'external',
        sourcesContent: true,
        logLevel: 'silent',
      })
      const output = (extension: string) =>
        outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
      return { code: output('js'), map: output('.map') }
    },
  }
}

async function loadEsbuild(): Promise<Pick<typeof import('esbuild'), 'build'>> {
  try {
    return await import('esbuild')
  } catch (cause) {
    throw new UsageError('lowerDecorators() needs the package esbuild: npm install --save-dev esbuild', {
      cause,
    })
  }
}
