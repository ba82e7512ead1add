import type { Command } from 'commander'
import { currentInvocation } from '../../roles/current.js'
import { parseUri, parseValue } from '../arguments.js'
import { untilGivenUp } from '../coming-back.js'
import {
  addConnectionOptions,
  answered,
  type ConnectionOptions,
  connect,
  optionsFor,
  placeOf,
  quote,
} from '../connection-options.js'
import { untilDone, untilInterrupted } from '../interruption.js'
import { toJson } from '../print.js'
import { screen } from '../screen.js'
import { ShellCommand } from '../shell-command.js'
import type { Terminal } from '../terminal.js'

interface RegisterCommandOptions extends ConnectionOptions {
  command: string
}

/** `wampkit register`: a procedure that is a command of the shell. */
export function addRegisterCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command('register')
      .summary('offer a command as a procedure')
      .description("offer a procedure that runs a command, until Ctrl-C: stdin is the call's payload as JSON")
      .argument('<PROCEDURE>', 'the URI of the procedure', parseUri)
      .requiredOption('--command <CMD>', 'what to run for each call; its stdout is the result'),
  )
    .addHelpText('after', "\nExample:\n  npx wampkit register com.example.uptime --command 'uptime -p'")
    .action((procedure: string, options: RegisterCommandOptions) =>
      untilDone(() => register(procedure, options, terminal)),
    )
}

async function register(
  procedure: string,
  options: RegisterCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const place = placeOf(options, terminal)
  await using command = new ShellCommand(options.command, (text) => terminal.tell(text))
  await using client = await connect(options, terminal, { reconnect: true })
  const lost = untilGivenUp(client, procedure, terminal)
  const handler = async () => {
    const { signal, procedure, args, kwargs } = currentInvocation()
    return resultOf(await command.run(toJson({ args, kwargs, procedure }), signal))
  }
  await answered(client.register(procedure, handler), options, terminal)
  const sections = [
    { label: 'realm', rows: [[place.realm]] },
    { label: 'procedures', rows: [[procedure, options.command]] },
  ]
  const next = `npx wampkit call ${quote(procedure)}${optionsFor(place, terminal)}`
  terminal.print(screen(`registered on ${place.url}`, sections, next))
  await Promise.race([lost, untilInterrupted(terminal.interruption)])
}

/** What a command printed, as a value: nothing, JSON where it parses, or else text. */
function resultOf(stdout: string): unknown {
  return stdout === '' ? undefined : parseValue(stdout.replace(/\r?\n$/, ''))
}
