import { readConfiguration } from '../configuration/read-configuration.js'
import { realmsOf, routerOf } from '../configuration/router-of.js'
import { ModuleImporter } from './import-module.js'
import { untilInterrupted } from './interruption.js'
import { listenAs } from './open-router.js'
import { toJson } from './print.js'
import { screen } from './screen.js'
import { sentenceOf, type Terminal, terminalLogger } from './terminal.js'

/**
 * Runs the router of a configuration file until Ctrl-C. On SIGHUP the file is read again, and who may come in and what he
 * may do is what it says then; sessions stay. A file that is wrong changes nothing.
 *
 * @throws UsageError if the file cannot be used; Failure if a port cannot be had.
 */
export async function runConfigured(
  file: string,
  { json }: { json?: true },
  terminal: Terminal,
): Promise<void> {
  const importer = new ModuleImporter()
  const read = () => readConfiguration(file, (path) => importer.import(path))
  const { router, listen } = await routerOf(await read(), terminalLogger(terminal))
  await using running = router
  for (const place of listen) await listenAs(running, place)
  const { urls } = running
  const realms = [...running.realms.keys()]
  terminal.print(json ? toJson({ urls, realms }) : firstScreen(file, urls, realms))
  terminal.onReload(async () => {
    try {
      running.reload(realmsOf(await read(), () => running))
      terminal.tell(`wampkit: ${file} was read again`)
    } catch (error) {
      terminal.tell(`wampkit: nothing has changed: ${sentenceOf(error)}`)
    }
  })
  await untilInterrupted(terminal.interruption)
}

function firstScreen(file: string, urls: readonly string[], realms: readonly string[]): string {
  const sections = [
    { label: 'listens on', rows: urls.map((url) => [url]) },
    { label: realms.length === 1 ? 'realm' : 'realms', rows: realms.map((name) => [name]) },
  ]
  return screen(`wampkit router, by ${file}`, sections, `npx wampkit check ${file}`)
}
