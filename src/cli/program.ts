import { Command } from 'commander'
import { VERSION } from '../version.js'
import { spreadKeywords } from './arguments.js'
import { addCallCommand } from './commands/call.js'
import { addCheckCommand } from './commands/check.js'
import { addHashCommand } from './commands/hash.js'
import { addHistoryCommand } from './commands/history.js'
import { addKeygenCommand } from './commands/keygen.js'
import { addPublishCommand } from './commands/publish.js'
import { addRegisterCommand } from './commands/register.js'
import { addRouterCommand } from './commands/router.js'
import { addRunCommand } from './commands/run.js'
import { addSubscribeCommand } from './commands/subscribe.js'
import { EXIT, report } from './failure.js'
import type { Terminal } from './terminal.js'

/** Runs `wampkit` with these arguments; resolves to its exit code when it is done. Says on stderr what goes wrong. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(spreadKeywords(argv), { from: 'user' })
    return EXIT.fine
  } catch (error) {
    return report(error, terminal)
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('wampkit')
    .description('WAMP for TypeScript: remote procedure calls and publish/subscribe, with the router inside.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .addHelpText('after', '\nExample:\n  npx wampkit router\n  npx wampkit call com.example.add 2 3')
    // Errors are reported in one place, in one form: by whoever catches what this throws.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.replace(/\n$/, '')),
      writeErr: (text) => terminal.tell(text.replace(/\n$/, '')),
      outputError: () => {},
    })
  addRunCommand(program, terminal)
  addRouterCommand(program, terminal)
  addCallCommand(program, terminal)
  addPublishCommand(program, terminal)
  addSubscribeCommand(program, terminal)
  addHistoryCommand(program, terminal)
  addRegisterCommand(program, terminal)
  addCheckCommand(program, terminal)
  addKeygenCommand(program, terminal)
  addHashCommand(program, terminal)
  return program
}
