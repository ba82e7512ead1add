/**
 * What the package weighs in a bundle for browsers: `npx tsx scripts/bundle-size.ts` prints it as a table for the
 * documentation. A test holds the limit.
 *
 * The package is compiled, and installed into a project that has nothing else; three bundlers make a program of it,
 * each as it is, without configuration.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build as esbuild, transform } from 'esbuild'
import { rollup } from 'rollup'
import { build as vite } from 'vite'

const ROOT = resolve(import.meta.dirname, '..')
const run = promisify(execFile)

/** A JavaScript file that a bundler made. */
interface Chunk {
  readonly name: string
  readonly code: string
  readonly isEntry: boolean
  /** The names of those that are loaded together with it. */
  readonly imports: readonly string[]
}

/** Makes a minified program of the entry file in a project. */
type Bundler = (project: string, entry: string) => Promise<Chunk[]>

export const BUNDLERS = {
  async esbuild(project, entry) {
    const { outputFiles, metafile } = await esbuild({
      entryPoints: [join(project, entry)],
      absWorkingDir: project,
      outdir: join(project, 'out'),
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      metafile: true,
      write: false,
    })
    return Object.entries(metafile.outputs).map(([name, { entryPoint, imports }]) => ({
      name,
      code: outputFiles.find(({ path }) => path === join(project, name))?.text ?? '',
      isEntry: entryPoint === entry,
      imports: imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
    }))
  },

  async Rollup(project, entry) {
    const bundle = await rollup({
      input: join(project, entry),
      plugins: [nodeResolve({ browser: true })],
      // It reports the comments that mark calls as pure in another way than it likes.
      logLevel: 'silent',
    })
    const { output } = await bundle.generate({ format: 'es' })
    await bundle.close()
    return Promise.all(
      output
        .filter((file) => file.type === 'chunk')
        .map(async ({ fileName, code, isEntry, imports }) => {
          // It does not minify by itself.
          const minified = await transform(code, { minify: true, format: 'esm' })
          return { name: fileName, code: minified.code, isEntry, imports }
        }),
    )
  },

  async Vite(project, entry) {
    const built = await vite({
      root: project,
      configFile: false,
      logLevel: 'silent',
      build: { write: false, rolldownOptions: { input: join(project, entry) } },
    })
    const [result] = Array.isArray(built) ? built : [built]
    if (result === undefined || !('output' in result)) throw new Error('Vite made nothing')
    return result.output
      .filter((file) => file.type === 'chunk')
      .map(({ fileName, code, isEntry, imports }) => ({ name: fileName, code, isEntry, imports }))
  },
} as const satisfies Readonly<Record<string, Bundler>>

export type BundlerName = keyof typeof BUNDLERS

/** The client with its decorators, and JSON, which is its default. */
const CORE = "import { Client, callee, subscriber } from 'wampkit'"

/** What a program imports, by what is said of it. */
export const PROGRAMS = {
  'Client, callee, subscriber': [CORE, 'Client, callee, subscriber'],
  '+ msgpack': [
    `${CORE}; import { msgpack } from 'wampkit/serializers/msgpack'`,
    'Client, callee, subscriber, msgpack',
  ],
  '+ cbor': [`${CORE}; import { cbor } from 'wampkit/serializers/cbor'`, 'Client, callee, subscriber, cbor'],
  ...Object.fromEntries(
    ['ticket', 'wampcra', 'scram', 'cryptosign', 'tls', 'cookie'].map((method) => [
      `+ ${method}`,
      [`${CORE}; import { ${method} } from 'wampkit'`, `Client, callee, subscriber, ${method}`],
    ]),
  ),
} as Readonly<Record<string, readonly [imports: string, used: string]>>

/** A project in which the package is installed, compiled from the sources as they are. */
export class InstalledProject implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<InstalledProject> {
    const path = mkdtempSync(join(tmpdir(), 'wampkit-bundle-'))
    const installed = join(path, 'node_modules/wampkit')
    mkdirSync(installed, { recursive: true })
    copyFileSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
    writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module', private: true }))
    symlinkSync(join(ROOT, 'node_modules/@noble'), join(path, 'node_modules/@noble'))
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const into = ['--outDir', join(installed, 'dist')]
    // Types are checked elsewhere, and no bundler looks at declarations.
    const codeOnly = [
      '--noCheck',
      '--declaration',
      'false',
      '--declarationMap',
      'false',
      '--sourceMap',
      'false',
    ]
    await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...into, ...codeOnly], { cwd: ROOT })
    return new InstalledProject(path)
  }

  /** The code that a browser loads of a program before it runs; chunks that wait for their use are not counted. */
  async bundle(bundler: BundlerName, imports: string, used: string): Promise<string> {
    writeFileSync(join(this.path, 'program.js'), `${imports}\nglobalThis.used = [${used}]\n`)
    const chunks = await BUNDLERS[bundler](this.path, 'program.js')
    const loaded = new Set(chunks.filter(({ isEntry }) => isEntry))
    for (const { imports: others } of loaded)
      for (const chunk of chunks) if (others.includes(chunk.name)) loaded.add(chunk)
    return [...loaded].map(({ code }) => code).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Octets as they travel. */
export function gzipped(code: string): number {
  return gzipSync(code, { level: 9 }).length
}

async function table(): Promise<string> {
  await using project = await InstalledProject.make()
  const names = Object.keys(BUNDLERS) as BundlerName[]
  const rows = [
    ['imports', ...names],
    ['---', ...names.map(() => '---:')],
  ]
  for (const [program, [imports, used]] of Object.entries(PROGRAMS)) {
    const row = [`\`${program}\``]
    for (const name of names)
      row.push(gzipped(await project.bundle(name, imports, used)).toLocaleString('en'))
    rows.push(row)
  }
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await table())
