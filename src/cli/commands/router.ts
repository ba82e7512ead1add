import { type Command, Option } from 'commander'
import { UsageError } from '../../errors.js'
import { isLoopback } from '../../transports/loopback.js'
import { addTopicPattern, parsePort, type TopicPattern } from '../arguments.js'
import { DEFAULT_PORT, LOOPBACK, placeOf } from '../connection-options.js'
import { untilInterrupted } from '../interruption.js'
import { createRouter, listen } from '../open-router.js'
import { toJson } from '../print.js'
import { screen, trySubscribing } from '../screen.js'
import type { Terminal } from '../terminal.js'

interface RouterCommandOptions {
  port: number
  host: string
  unix?: string
  realm?: string[]
  anonymous?: true
  history?: readonly TopicPattern[]
  store?: string
  config?: string
  json?: true
}

/** `wampkit router`: a router on a port, until Ctrl-C. */
export function addRouterCommand(program: Command, terminal: Terminal): void {
  program
    .command('router')
    .description('start a router')
    .option('--port <PORT>', 'the TCP port; 0 for any that is free', parsePort, DEFAULT_PORT)
    .option('--host <HOST>', 'the address to listen on; 0.0.0.0 is all of this machine', LOOPBACK)
    .addOption(
      new Option('--unix <PATH>', 'listen on a Unix socket instead, which is open to you only').conflicts([
        'port',
        'host',
        'anonymous',
      ]),
    )
    .option('--realm <NAME...>', 'the realms (default: $WAMPKIT_REALM, or realm1)')
    .option('--anonymous', 'let in anonymous clients from other machines too')
    .option(
      '--history <TOPIC[:MATCH]>',
      'keep the events of a topic or pattern; may be repeated',
      addTopicPattern,
    )
    .option('--store <FOLDER>', 'keep histories and retained events on disk, over restarts')
    .addOption(
      new Option('--config <FILE>', 'do what a configuration file says: JSON, YAML or a module').conflicts([
        'unix',
        'realm',
        'anonymous',
        'history',
        'store',
      ]),
    )
    .option('--json', 'print where it listens as a line of JSON')
    .addHelpText('after', '\nExample:\n  npx wampkit router --port 9000 --realm realm1 --realm realm2')
    .action((options: RouterCommandOptions) => runRouter(options, terminal))
}

async function runRouter(options: RouterCommandOptions, terminal: Terminal): Promise<void> {
  if (options.config !== undefined) {
    // What reads configurations is long to load, and most commands do without.
    const { runConfigured } = await import('../run-configured.js')
    return runConfigured(options.config, options, terminal)
  }
  const realms = options.realm ?? [placeOf({}, terminal).realm]
  if (!isNear(options.host) && options.anonymous !== true)
    throw new UsageError(
      `to listen on ${options.host}, where other machines can connect, say who may come in: --anonymous lets in everybody`,
    )
  await using router = await createRouter(realms, { ...options, terminal })
  const { host, port, unix } = options
  await listen(router, unix === undefined ? { host, port } : { unix })
  const { urls } = router
  if (options.json) terminal.print(toJson({ url: urls[0], urls, realms, procedures: [], topics: [] }))
  else terminal.print(firstScreen(urls, realms, options, terminal))
  await untilInterrupted(terminal.interruption)
}

function firstScreen(
  [url = '', ...others]: readonly string[],
  realms: readonly string[],
  { host, unix, anonymous, history = [], store }: RouterCommandOptions,
  terminal: Terminal,
): string {
  const near = unix === undefined ? 'this machine only' : 'your own processes only'
  const reach = isNear(host) ? near : 'other machines too'
  const whoComesIn = anonymous
    ? 'anonymous clients from everywhere (--anonymous)'
    : 'anonymous clients of this machine'
  const sections = [
    { label: 'also on', rows: others.map((other) => [other]) },
    { label: realms.length === 1 ? 'realm' : 'realms', rows: realms.map((name) => [name]) },
    { label: 'procedures', rows: [['none yet']] },
    { label: 'topics', rows: [['none yet']] },
    ...(history.length === 0
      ? []
      : [{ label: 'keeps', rows: history.map(({ topic, match }) => [`${topic} (${match})`]) }]),
    ...(store === undefined ? [] : [{ label: 'store', rows: [[store]] }]),
    { label: 'lets in', rows: [[`${whoComesIn}, and they may do everything: a router for development`]] },
  ]
  const place = { url: dialable(url), realm: realms[0] as string }
  return screen(`wampkit router on ${url}  (${reach})`, sections, trySubscribing(place, terminal))
}

function isNear(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

/** The URL by which this machine reaches a router that listens on all addresses. */
function dialable(url: string): string {
  return url.replace('//0.0.0.0:', `//${LOOPBACK}:`).replace('//[::]:', '//[::1]:')
}
