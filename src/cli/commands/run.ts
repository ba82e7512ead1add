import { type Command, Option } from 'commander'
import type { Router } from '../../peers/router/router.js'
import { parsePort } from '../arguments.js'
import { DEFAULT_PORT, LOOPBACK, type Place, placeOf, realmOption } from '../connection-options.js'
import { HostedClients } from '../hosted-clients.js'
import { orInterruption, untilDone, untilInterrupted } from '../interruption.js'
import { loadClasses } from '../load-classes.js'
import { createRouter, listen } from '../open-router.js'
import { toJson } from '../print.js'
import { type Offer, offerSections, screen, tryOffer, uriOf } from '../screen.js'
import { type Terminal, terminalLogger } from '../terminal.js'

interface RunCommandOptions {
  url?: string
  realm?: string
  port?: number
  json?: true
}

/** `wampkit run`: hosts classes, and a router for them unless there is one, until Ctrl-C. */
export function addRunCommand(program: Command, terminal: Terminal): void {
  program
    .command('run')
    .summary('host classes, and a router for them')
    .description('host classes from TypeScript or JavaScript files, and the router for them')
    .argument('<FILE[:Class]...>', 'files, each with every Client that it exports or with one')
    .addOption(
      new Option(
        '--url <URL>',
        'join the router there (default: $WAMPKIT_URL, or start one in this process)',
      ).conflicts('port'),
    )
    .addOption(realmOption())
    .option(
      '--port <PORT>',
      `the TCP port of the router in this process (default: ${DEFAULT_PORT})`,
      parsePort,
    )
    .option('--json', 'print what there is as a line of JSON')
    .addHelpText('after', '\nExample:\n  npx wampkit run date-service.ts')
    .action((files: string[], options: RunCommandOptions) => untilDone(() => run(files, options, terminal)))
}

async function run(files: readonly string[], options: RunCommandOptions, terminal: Terminal): Promise<void> {
  const { interruption, environment } = terminal
  const { realm } = placeOf(options, terminal)
  // A port asks for a router here, whatever the environment says.
  const url = options.url ?? (options.port === undefined ? environment.WAMPKIT_URL || undefined : undefined)
  const classes = await orInterruption(loadClasses(files), interruption)
  await using router = url === undefined ? await createRouter([realm], { terminal }) : undefined
  const where = router === undefined ? { url: url as string } : { router }
  await using clients = new HostedClients(
    classes,
    { ...where, realm, logger: terminalLogger(terminal) },
    terminal,
  )
  // The doors open when all is there: nobody who gets in misses a procedure.
  await clients.start()
  const place = { url: url ?? (await openDoors(router as Router, options)), realm }
  const { offers } = clients
  terminal.print(
    options.json ? summary(place, offers) : firstScreen(place, router !== undefined, offers, terminal),
  )
  await Promise.race([clients.lost, untilInterrupted(interruption)])
}

/** @returns the URL for WebSockets. */
async function openDoors(router: Router, { port = DEFAULT_PORT }: RunCommandOptions): Promise<string> {
  await listen(router, { host: LOOPBACK, port })
  return router.urls[0] as string
}

function firstScreen(place: Place, isOurs: boolean, offers: readonly Offer[], terminal: Terminal): string {
  const headline = isOurs ? `wampkit router on ${place.url}  (this machine only)` : `joined ${place.url}`
  const sections = [{ label: 'realm', rows: [[place.realm]] }, ...offerSections(offers)]
  return screen(headline, sections, tryOffer(offers, place, terminal))
}

function summary({ url, realm }: Place, offers: readonly Offer[]): string {
  const list = (kind: Offer['role']['role'], name: string) =>
    offers
      .filter(({ role }) => role.role === kind)
      .map(({ role, owner }) => ({ [name]: uriOf(role), match: role.options.match ?? 'exact', class: owner }))
  const procedures = list('callee', 'procedure')
  return toJson({ url, realms: [realm], procedures, topics: list('subscriber', 'topic') })
}
