import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { CliProcess } from './cli-process.js'

const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = ['ws', 'commander', 'msgpackr', 'cbor-x']

/** A folder with projects of users, each of which has installed wampkit. */
export class Projects implements Disposable {
  private constructor(
    readonly folder: string,
    private readonly bundle: string,
  ) {}

  static async make(): Promise<Projects> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wampkit-cli-')))
    const bundle = join(folder, 'bundle')
    const doors = { index: join(ROOT, 'src/index.ts'), cli: join(ROOT, 'src/cli/main.ts') }
    await build({
      entryPoints: doors,
      outdir: bundle,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['wampkit-source'],
      external: [...PACKAGES, 'tsx'],
    })
    writeJson(join(bundle, 'package.json'), { type: 'module', exports: { '.': './index.js' } })
    return new Projects(folder, bundle)
  }

  /** A project with these files, that has installed wampkit, and tsx if so wished. */
  add(
    name: string,
    files: Readonly<Record<string, string>>,
    { type = 'module', tsx = true }: { type?: 'module' | 'commonjs'; tsx?: boolean } = {},
  ): Project {
    const folder = join(this.folder, name)
    const modules = join(folder, 'node_modules')
    mkdirSync(modules, { recursive: true })
    cpSync(this.bundle, join(modules, 'wampkit'), { recursive: true })
    for (const installed of [...PACKAGES, ...(tsx ? ['tsx'] : [])])
      symlinkSync(join(ROOT, 'node_modules', installed), join(modules, installed))
    writeJson(join(folder, 'package.json'), { name, type })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    return new Project(folder)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export class Project {
  constructor(readonly folder: string) {}

  wampkit(...args: string[]): CliProcess {
    const program = join(this.folder, 'node_modules/wampkit/cli.js')
    return new CliProcess([program, ...args], this.folder)
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value))
}
