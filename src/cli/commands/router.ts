import type { Command } from 'commander'
import { isLoopback } from '../../transports/loopback.js'
import { parsePort } from '../arguments.js'
import { DEFAULT_PORT, LOOPBACK, placeOf } from '../connection-options.js'
import { untilInterrupted } from '../interruption.js'
import { createRouter, listen } from '../open-router.js'
import { toJson } from '../print.js'
import { screen, trySubscribing } from '../screen.js'
import type { Terminal } from '../terminal.js'

interface RouterCommandOptions {
  port: number
  host: string
  realm?: string[]
  anonymous?: true
  json?: true
}

/** `wampkit router`: a router on a port, until Ctrl-C. */
export function addRouterCommand(program: Command, terminal: Terminal): void {
  program
    .command('router')
    .description('start a router')
    .option('--port <PORT>', 'the TCP port; 0 for any that is free', parsePort, DEFAULT_PORT)
    .option('--host <HOST>', 'the address to listen on; 0.0.0.0 is all of this machine', LOOPBACK)
    .option('--realm <NAME...>', 'the realms (default: $WAMPKIT_REALM, or realm1)')
    .option('--anonymous', 'let in anonymous clients from other machines too')
    .option('--json', 'print where it listens as a line of JSON')
    .addHelpText('after', '\nExample:\n  npx wampkit router --port 9000 --realm realm1 --realm realm2')
    .action((options: RouterCommandOptions) => runRouter(options, terminal))
}

async function runRouter(options: RouterCommandOptions, terminal: Terminal): Promise<void> {
  const realms = options.realm ?? [placeOf({}, terminal).realm]
  await using router = createRouter(realms, options.anonymous === true, terminal)
  const url = await listen(router, options.host, options.port)
  if (options.json) terminal.print(toJson({ url, realms, procedures: [], topics: [] }))
  else terminal.print(firstScreen(url, realms, options, terminal))
  await untilInterrupted(terminal.interruption)
}

function firstScreen(
  url: string,
  realms: readonly string[],
  { host, anonymous }: RouterCommandOptions,
  terminal: Terminal,
): string {
  const isNear = host === 'localhost' || isLoopback(host)
  const reach = isNear ? 'this machine only' : 'other machines too'
  const whoComesIn = anonymous
    ? 'anonymous clients from everywhere (--anonymous)'
    : 'anonymous clients of this machine; --anonymous lets in those of others'
  const sections = [
    { label: realms.length === 1 ? 'realm' : 'realms', rows: realms.map((name) => [name]) },
    { label: 'procedures', rows: [['none yet']] },
    { label: 'topics', rows: [['none yet']] },
    ...(isNear && !anonymous ? [] : [{ label: 'lets in', rows: [[whoComesIn]] }]),
  ]
  const place = { url: dialable(url), realm: realms[0] as string }
  return screen(`wampkit router on ${url}  (${reach})`, sections, trySubscribing(place, terminal))
}

/** The URL by which this machine reaches a router that listens on all addresses. */
function dialable(url: string): string {
  return url.replace('//0.0.0.0:', `//${LOOPBACK}:`).replace('//[::]:', '//[::1]:')
}
