import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client } from '../peers/client/client.js'
import type { ClientOptions } from '../peers/client/client-options.js'
import { quote } from './connection-options.js'
import { Failure } from './failure.js'
import { type ModuleExports, ModuleImporter } from './import-module.js'

/** A subclass of Client, of whichever copy of wampkit its file imports. */
export type ClientClass = new (options: ClientOptions) => Client

/** What `FILE[:Class]` names. */
export interface Target {
  readonly file: string
  readonly className: string | undefined
}

/** A class that was found, and where. */
export interface LoadedClass {
  readonly name: string
  readonly file: string
  readonly create: ClientClass
}

/** Takes `FILE[:Class]` apart. The colon of a drive, as in `C:\service.ts`, is not followed by a name alone. */
export function parseTarget(text: string): Target {
  const [, file, className] = /^(.+):([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(text) ?? []
  return file === undefined ? { file: text, className: undefined } : { file, className }
}

/**
 * The classes that the targets name, each once.
 *
 * @throws Failure if a file or a class is not there, cannot be loaded, or is no Client.
 */
export async function loadClasses(
  targets: readonly string[],
  importer: Pick<ModuleImporter, 'import'> = new ModuleImporter(),
): Promise<LoadedClass[]> {
  const loaded: LoadedClass[] = []
  for (const { file, className } of targets.map(parseTarget)) {
    const path = expectFile(file)
    const exported = exportsOf(await importer.import(path))
    const found = className === undefined ? allClients(file, exported) : [named(className, file, exported)]
    for (const added of found) if (!loaded.some(({ create }) => create === added.create)) loaded.push(added)
  }
  return loaded
}

function expectFile(file: string): string {
  const path = resolve(file)
  if (!existsSync(path)) throw new Failure(`there is no file ${file}`)
  if (!statSync(path).isFile()) throw new Failure(`${file} is no file; name the file that exports the class`)
  return path
}

/** What a module exports; what a CommonJS module exports comes as its default. */
function exportsOf(module: ModuleExports): ReadonlyMap<string, unknown> {
  const { default: main, ...rest } = module
  const inner = typeof main === 'object' && main !== null ? main : {}
  return new Map(Object.entries({ ...inner, ...rest, ...('default' in module ? { default: main } : {}) }))
}

function allClients(file: string, exported: ReadonlyMap<string, unknown>): LoadedClass[] {
  const found = [...exported]
    .filter(([, value]) => isClientClass(value))
    .map(([name, value]) => ({
      name: nameOf(value as ClientClass, name),
      file,
      create: value as ClientClass,
    }))
  if (found.length === 0)
    throw new Failure(
      `${file} exports no Client; it needs a class such as: export class Example extends Client`,
    )
  return found
}

function named(className: string, file: string, exported: ReadonlyMap<string, unknown>): LoadedClass {
  const value = exported.get(className)
  if (isClientClass(value)) return { name: nameOf(value, className), file, create: value }
  if (value !== undefined)
    throw new Failure(
      `${className} in ${file} is no Client; it must be a class that extends Client of wampkit`,
    )
  const others = [...exported].filter(([, other]) => isClientClass(other)).map(([name]) => name)
  const choice = others.length === 0 ? 'it exports no Client at all' : `it exports ${others.join(', ')}`
  throw new Failure(`${file} exports no class ${className}; ${choice}`)
}

/**
 * Told by a mark rather than by `instanceof`: the file may import another copy of wampkit than this program is. A
 * class that has the mark as its own is Client itself.
 */
function isClientClass(value: unknown): value is ClientClass {
  const mark = Symbol.for('wampkit.Client')
  return typeof value === 'function' && mark in value && !Object.hasOwn(value, mark)
}

function nameOf(create: ClientClass, exportedAs: string): string {
  return create.name || exportedAs
}

/** How to name one class of several on the command line. */
export function targetOf({ file, name }: LoadedClass): string {
  return quote(`${file}:${name}`)
}
