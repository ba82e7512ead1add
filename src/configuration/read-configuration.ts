import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseDocument } from 'yaml'
import { ConfigurationError } from './configuration-error.js'
import { problemsOf } from './problems.js'
import { type Configuration, configurationSchema } from './schema.js'
import { keysAt } from './schema-keys.js'

/** A configuration, and where it stands: what it names is relative to that. */
export interface ReadConfiguration {
  readonly file: string
  readonly folder: string
  readonly configuration: Configuration
}

/** Imports a module; for files of TypeScript somebody else knows how. */
export type ImportModule = (path: string) => Promise<Readonly<Record<string, unknown>>>

/** Longer files are taken for something else. */
const LONGEST = 10 * 1024 * 1024

/**
 * Reads a configuration from a file: JSON, YAML, or a module (`.js`, `.mjs`, `.ts`, `.mts`) that exports one by default.
 *
 * @throws ConfigurationError naming the file and all that is wrong with it.
 */
export async function readConfiguration(
  file: string,
  importModule?: ImportModule,
): Promise<ReadConfiguration> {
  const path = resolve(file)
  const value = MODULES.has(extname(path))
    ? await imported(file, path, importModule ?? ((path) => import(pathToFileURL(path).href)))
    : parsed(file, await text(file, path))
  return { file, folder: dirname(path), configuration: checkedConfiguration(value, file) }
}

const MODULES: ReadonlySet<string> = new Set(['.js', '.mjs', '.ts', '.mts'])

/** The value as a configuration. @throws ConfigurationError naming all that is wrong with it. */
export function checkedConfiguration(value: unknown, file = 'the configuration'): Configuration {
  const checked = configurationSchema.safeParse(value)
  if (checked.success) return checked.data
  const known = (path: readonly PropertyKey[]) => keysAt(configurationSchema, path)
  throw new ConfigurationError(file, problemsOf(checked.error.issues, value, known))
}

async function text(file: string, path: string): Promise<string> {
  try {
    const content = await readFile(path)
    if (content.length <= LONGEST) return content.toString()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new ConfigurationError(file, [why], { cause })
  }
  throw new ConfigurationError(file, [`it is longer than ${LONGEST} bytes`])
}

/** YAML, of which JSON is a part. */
function parsed(file: string, content: string): unknown {
  const document = parseDocument(content, { prettyErrors: true })
  const [first] = document.errors
  if (first !== undefined) throw new ConfigurationError(file, [first.message.split(':\n')[0] as string])
  try {
    // Aliases that grow without bound are refused.
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new ConfigurationError(file, [(cause as Error).message], { cause })
  }
}

async function imported(file: string, path: string, importModule: ImportModule): Promise<unknown> {
  let module: Readonly<Record<string, unknown>>
  try {
    module = await importModule(path)
  } catch (cause) {
    throw new ConfigurationError(file, [(cause as Error).message], { cause })
  }
  if (module.default === undefined)
    throw new ConfigurationError(file, [
      'it has to export the configuration by default: export default { realms: […] }',
    ])
  return module.default
}
