import { execFile } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { InstalledProject } from '../../scripts/bundle-size.js'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a project has installed besides the package: what that needs, and its tools. */
const PACKAGES = ['commander', 'ws', 'yaml', 'zod', 'esbuild', 'vite', 'vitest']

/** A project of a user, who has installed the package, Vitest and esbuild. */
export async function userProject(): Promise<InstalledProject> {
  const project = await InstalledProject.make()
  for (const name of PACKAGES)
    symlinkSync(join(ROOT, 'node_modules', name), join(project.path, 'node_modules', name))
  return project
}

/** What Vitest reports of a run, as far as it matters. */
export interface VitestReport {
  readonly testResults: readonly FileReport[]
}

export interface FileReport {
  /** The path of the file. */
  readonly name: string
  readonly startTime: number
  readonly endTime: number
  readonly message: string
  readonly assertionResults: readonly {
    readonly fullName: string
    readonly failureMessages: readonly string[]
  }[]
}

/** Runs all tests of a project, as `npx vitest run` does. @throws Error if it did not come to reporting. */
export async function runVitest(project: InstalledProject): Promise<VitestReport> {
  const report = join(project.path, 'report.json')
  const vitest = join(project.path, 'node_modules/vitest/vitest.mjs')
  // It must not take itself for a part of the run that it is started from.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV)/.test(name)),
  )
  // The files have nothing in common that they could spoil, and so one process does.
  const args = [vitest, 'run', '--no-isolate', '--reporter=json', `--outputFile=${report}`]
  const failed = await promisify(execFile)(process.execPath, args, { cwd: project.path, env }).then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}\n${stderr}`,
  )
  if (!existsSync(report)) throw new Error(`Vitest did not report: ${failed}`)
  return JSON.parse(readFileSync(report, 'utf8')) as VitestReport
}

/** Every failure, for an assertion that says more than how many there are. */
export function failuresOf(files: readonly FileReport[]): readonly string[] {
  return files.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [message]),
    ...assertionResults.flatMap(({ fullName, failureMessages }) =>
      failureMessages.map((failure) => `${fullName}: ${failure}`),
    ),
  ])
}
