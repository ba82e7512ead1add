import type { Command } from 'commander'
import { addKeyword, parseUri, parseValue } from '../arguments.js'
import { addConnectionOptions, answered, type ConnectionOptions, connect } from '../connection-options.js'
import { toJson } from '../print.js'
import type { Terminal } from '../terminal.js'

interface PublishCommandOptions extends ConnectionOptions {
  kw?: Record<string, unknown>
  acknowledge: boolean
  retain?: true
  json?: true
}

/** `wampkit publish`: publishes one event, and waits for the router's word that it did. */
export function addPublishCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command('publish')
      .description('publish an event')
      .argument('<TOPIC>', 'the URI of the topic', parseUri)
      .argument('[ARG...]', 'arguments: JSON where it parses, else a string')
      .option('--kw <KEY=VALUE>', 'a keyword argument; may be repeated', addKeyword)
      .option('--no-acknowledge', 'do not wait until the router has accepted the event')
      .option('--retain', 'have the router keep it as the newest event of the topic')
      .option('--json', "print the publication's id as JSON"),
  )
    .addHelpText('after', '\nExample:\n  npx wampkit publish com.example.weather 21 --kw city=Oslo')
    .action((topic: string, args: string[], options: PublishCommandOptions) =>
      publish(topic, args, options, terminal),
    )
}

async function publish(
  topic: string,
  args: readonly string[],
  options: PublishCommandOptions,
  terminal: Terminal,
): Promise<void> {
  await using client = await connect(options, terminal)
  const { acknowledge, retain = false } = options
  const how = retain ? { acknowledge, retain } : { acknowledge }
  const publishing = client.publish(topic, args.map(parseValue), options.kw, how)
  const publication = await answered(publishing, options, terminal)
  if (options.json) terminal.print(toJson({ topic, publication: publication ?? null }))
  else if (publication !== undefined) terminal.print(`published to ${topic}, publication ${publication}`)
}
