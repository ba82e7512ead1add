import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from './failure.js'
import { oneLine, sentenceOf } from './terminal.js'

export type ModuleExports = Readonly<Record<string, unknown>>

const TYPESCRIPT: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.tsx'])

/** Imports files of JavaScript, and, with the help of tsx, of TypeScript. */
export class ModuleImporter {
  #typescript: Promise<void> | undefined

  /** @throws Failure, saying what is wrong with the file and where, if it cannot be loaded. */
  async import(path: string): Promise<ModuleExports> {
    if (TYPESCRIPT.has(extname(path))) {
      this.#typescript ??= understandTypeScript(path)
      await this.#typescript
    }
    try {
      return await import(pathToFileURL(path).href)
    } catch (error) {
      throw new Failure(`cannot load ${basename(path)}: ${describe(error, path)}`, { cause: error })
    }
  }
}

/** Has Node take TypeScript from here on: modules of both kinds, for a package without `"type": "module"` has the other. */
async function understandTypeScript(path: string): Promise<void> {
  for (const part of ['esm', 'cjs'] as const) {
    const { register } = (await importTsx(`./${part}/api`, path)) as { register(): unknown }
    register()
  }
}

/** A door of tsx: the one that the project of the file has installed, or else the one beside wampkit. */
async function importTsx(door: string, path: string): Promise<unknown> {
  try {
    return await import(projectsTsx(door, path) ?? `tsx${door.slice(1)}`)
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new Failure('to run TypeScript files install tsx: npm install --save-dev tsx', { cause })
  }
}

function projectsTsx(door: string, path: string): string | undefined {
  try {
    const manifest = createRequire(path).resolve('tsx/package.json')
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8'))
    return new URL(exports[door].import.default, pathToFileURL(manifest)).href
  } catch {
    return undefined
  }
}

/** What went wrong in the file, and in which line, as far as that is known. */
export function describe(error: unknown, path: string): string {
  if (!(error instanceof Error)) return sentenceOf(error)
  // esbuild's own words, without its headline: /path/service.ts:3:10: ERROR: Expected ";"
  const [, where, complaint] = /^(.+:\d+:\d+): ERROR: (.+)$/m.exec(error.message) ?? []
  if (where !== undefined && complaint !== undefined) return `syntax error in ${where}: ${oneLine(complaint)}`
  const place = placeIn(error, path)
  const kind = error.name === 'Error' ? '' : `${error.name}: `
  return `${kind}${sentenceOf(error)}${place === undefined ? '' : ` (${place})`}`
}

/** The line of the file that an error comes from: a sentence is to say no more, but no less either. */
export function placeIn(error: unknown, path: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const name of [pathToFileURL(path).href, path]) {
    const start = stack.indexOf(`${name}:`)
    const [line] = start < 0 ? [] : (/^\d+/.exec(stack.slice(start + name.length + 1)) ?? [])
    if (line !== undefined) return `${basename(path)}:${line}`
  }
  return undefined
}
