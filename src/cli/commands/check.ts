import type { Command } from 'commander'
import { UsageError } from '../../errors.js'
import { silentLogger } from '../../logger.js'
import { ModuleImporter } from '../import-module.js'
import type { Terminal } from '../terminal.js'

/** `wampkit check`: says whether a configuration can be used, and what is wrong with it. */
export function addCheckCommand(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('check the configuration file of a router')
    .argument('[FILE]', 'the file: JSON, YAML or a module')
    .option('--schema', 'print the JSON Schema of configuration files, for editors')
    .addHelpText('after', '\nExample:\n  npx wampkit check router.yaml')
    .action((file: string | undefined, { schema }: { schema?: true }) =>
      schema ? printSchema(terminal) : check(file, terminal),
    )
}

// What reads configurations is long to load, and most commands do without.

async function printSchema(terminal: Terminal): Promise<void> {
  const { configurationJsonSchema } = await import('../../configuration/schema.js')
  terminal.print(JSON.stringify(configurationJsonSchema(), undefined, 2))
}

async function check(file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) throw new UsageError('name the file to check: wampkit check FILE')
  const { readConfiguration } = await import('../../configuration/read-configuration.js')
  const { routerOf } = await import('../../configuration/router-of.js')
  const importer = new ModuleImporter()
  const read = await readConfiguration(file, (path) => importer.import(path))
  // The store is left alone: a router may have it open.
  const { store: _, ...configuration } = read.configuration
  const { router } = await routerOf({ ...read, configuration }, silentLogger)
  await router.close()
  const names = configuration.realms.map(({ name }) => name).join(', ')
  terminal.print(`${file} is fine: ${configuration.realms.length === 1 ? 'realm' : 'realms'} ${names}`)
}
