import type { Command } from 'commander'
import type { HistoryFilters } from '../../peers/client/history.js'
import { parseCount, parseTopicPattern, type TopicPattern } from '../arguments.js'
import { addConnectionOptions, answered, type ConnectionOptions, connect } from '../connection-options.js'
import { eventToJson, showEvent } from '../print.js'
import type { Terminal } from '../terminal.js'

interface HistoryCommandOptions extends ConnectionOptions {
  limit?: number
  reverse?: true
  from?: string
  until?: string
  json?: true
}

/** `wampkit history`: prints the events that a router has kept. */
export function addHistoryCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command('history')
      .summary('print the events that a router has kept of a topic')
      .description('print the events that a router has kept of a topic, a line each, oldest first')
      .argument('<TOPIC[:MATCH]>', 'the topic, or the pattern, whose history is kept', parseTopicPattern)
      .option('--limit <N>', 'at most so many events', parseCount)
      .option('--reverse', 'newest first')
      .option('--from <TIME>', 'events of that time or later, such as 2026-01-31T12:00:00Z')
      .option('--until <TIME>', 'events of that time or earlier')
      .option('--json', 'print each event as a line of JSON'),
  )
    .addHelpText('after', '\nExample:\n  npx wampkit history com.example.log:prefix --reverse --limit 10')
    .action((pattern: TopicPattern, options: HistoryCommandOptions) =>
      printHistory(pattern, options, terminal),
    )
}

async function printHistory(
  { topic, match }: TopicPattern,
  { limit, reverse, from, until, ...options }: HistoryCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const filters: HistoryFilters = {
    match,
    ...(limit === undefined ? {} : { limit }),
    ...(reverse === undefined ? {} : { reverse }),
    ...(from === undefined ? {} : { fromTime: from }),
    ...(until === undefined ? {} : { untilTime: until }),
  }
  await using client = await connect(options, terminal)
  const events = await answered(client.history(topic, filters), options, terminal)
  for (const event of events)
    terminal.print(
      options.json
        ? eventToJson(event, { timestamp: event.timestamp.toISOString() })
        : `${event.timestamp.toISOString()} ${showEvent(event)}`,
    )
}
