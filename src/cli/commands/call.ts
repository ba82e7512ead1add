import type { Command } from 'commander'
import type { CallResult } from '../../roles/call-result.js'
import { addKeyword, parseUri, parseValue } from '../arguments.js'
import { addConnectionOptions, type ConnectionOptions, connect } from '../connection-options.js'
import { type ShownResult, showResult } from '../print.js'
import type { Terminal } from '../terminal.js'

interface CallCommandOptions extends ConnectionOptions {
  kw?: Record<string, unknown>
  json?: true
}

/** `wampkit call`: calls a procedure, prints what it answers. */
export function addCallCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command('call')
      .summary('call a procedure')
      .description('call a procedure and print its result; progressive results a line each')
      .argument('<PROCEDURE>', 'the URI of the procedure', parseUri)
      .argument('[ARG...]', 'arguments: JSON where it parses, else a string')
      .option('--kw <KEY=VALUE>', 'a keyword argument; may be repeated', addKeyword)
      .option('--json', 'print JSON, whatever the result is'),
  )
    .addHelpText('after', '\nExample:\n  npx wampkit call com.example.add 2 3')
    .action((procedure: string, args: string[], options: CallCommandOptions) =>
      call(procedure, args, options, terminal),
    )
}

async function call(
  procedure: string,
  args: readonly string[],
  options: CallCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const json = options.json === true
  let isProgressive = false
  const print = (result: ShownResult) => {
    const layout = isProgressive || !terminal.isInteractive ? 'line' : 'indented'
    const shown = showResult(result, { json, layout })
    if (shown !== undefined) terminal.print(shown)
  }
  await using client = await connect(options, terminal)
  const result = await client.call(procedure, args.map(parseValue), options.kw, {
    details: true,
    timeout: options.timeout,
    signal: terminal.interruption,
    onProgress: (step) => {
      isProgressive = true
      print(step as CallResult)
    },
  })
  // The end of a progressive call that says nothing is no line of its own.
  if (isProgressive && result.args.length === 0 && Object.keys(result.kwargs).length === 0) return
  print(result)
}
