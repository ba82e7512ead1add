import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '../..')

/** The player as one file that every runtime can load, made from the sources as they are. */
export class Program implements Disposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Program> {
    // From here the packages that it needs are found.
    const cache = join(ROOT, 'node_modules/.cache')
    mkdirSync(cache, { recursive: true })
    const program = new Program(mkdtempSync(join(cache, 'wampkit-')))
    await build({
      entryPoints: [join(import.meta.dirname, 'player.ts')],
      outfile: program.file,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['wampkit-source'],
      packages: 'external',
      logLevel: 'error',
    })
    return program
  }

  get file(): string {
    return join(this.folder, 'player.mjs')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
