import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')

/** When something in this folder was changed last. */
function newest(folder: string): number {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  return latest
}

/** Runs a command where the user can see it. @throws Error if it fails. */
function run(command: string, ...parameters: string[]): void {
  // Figures go to the standard output, and nothing else.
  const { status } = spawnSync(command, parameters, { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`\`${[command, ...parameters].join(' ')}\` failed`)
}

/** Builds what is measured, if the source is newer. */
export function build(): void {
  const built = join(ROOT, 'dist/index.js')
  if (!existsSync(built) || statSync(built).mtimeMs < newest(join(ROOT, 'src')))
    run('npm', 'run', '--silent', 'build')
}

/**
 * Installs the packages of peers, if they are missing. No script of theirs is run: what they need is plain JavaScript.
 *
 * @param leftOut is told if that fails: all else can be measured without them.
 */
export function install(leftOut: (what: string) => void): void {
  if (existsSync(join(ROOT, 'bench/node_modules'))) return
  try {
    run('npm', 'ci', '--prefix', 'bench', '--ignore-scripts', '--no-audit', '--no-fund')
  } catch (error) {
    leftOut(`the packages of other peers: ${error instanceof Error ? error.message : String(error)}`)
  }
}
