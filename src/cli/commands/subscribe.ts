import { type Command, Option } from 'commander'
import type { MatchPolicy } from '../../uris.js'
import { parseCount } from '../arguments.js'
import { untilGivenUp } from '../coming-back.js'
import {
  addConnectionOptions,
  answered,
  type ConnectionOptions,
  connect,
  placeOf,
} from '../connection-options.js'
import { Failure } from '../failure.js'
import { untilDone } from '../interruption.js'
import { eventToJson, showEvent } from '../print.js'
import { sentenceOf, type Terminal } from '../terminal.js'

interface SubscribeCommandOptions extends ConnectionOptions {
  match: MatchPolicy
  count?: number
  retained?: true
  json?: true
}

/** `wampkit subscribe`: prints the events of a topic, until there have been enough of them, or Ctrl-C. */
export function addSubscribeCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command('subscribe')
      .summary('print the events of a topic')
      .description('print the events of a topic, a line each, until Ctrl-C')
      .argument('<TOPIC>', 'the URI of the topic, or a pattern')
      .addOption(
        new Option('--match <POLICY>', 'how the topic matches')
          .choices(['exact', 'prefix', 'wildcard'] satisfies MatchPolicy[])
          .default('exact' satisfies MatchPolicy),
      )
      .option('--retained', 'begin with the event that the router has retained, if there is one')
      .option('--count <N>', 'end after so many events', parseCount)
      .option('--json', 'print each event as a line of JSON'),
  )
    .addHelpText('after', '\nExample:\n  npx wampkit subscribe com.example --match prefix --count 10')
    .action((topic: string, options: SubscribeCommandOptions) =>
      untilDone(() => subscribe(topic, options, terminal)),
    )
}

async function subscribe(topic: string, options: SubscribeCommandOptions, terminal: Terminal): Promise<void> {
  const { match, count = Number.POSITIVE_INFINITY, retained = false } = options
  const { url, realm } = placeOf(options, terminal)
  await using client = await connect(options, terminal, { reconnect: true })
  void untilGivenUp(client, topic, terminal)
  const subscribing = client.subscribe(topic, retained ? { match, getRetained: true } : { match })
  const events = await answered(subscribing, options, terminal)
  terminal.tell(`subscribed to ${topic} on ${url}, ${realm}; Ctrl-C ends it`)
  // Leaving the session in order ends the stream of events, and so the loop.
  terminal.interruption.addEventListener('abort', () => void client.stop())
  if (terminal.interruption.aborted) return
  let printed = 0
  try {
    for await (const event of events) {
      terminal.print(options.json ? eventToJson(event) : showEvent(event))
      if (++printed >= count) break
    }
  } catch (error) {
    throw new Failure(`the session is lost: ${sentenceOf(error)}`, { cause: error })
  }
}
