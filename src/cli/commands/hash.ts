import { type Command, Option } from 'commander'
import { scramCredential } from '../../authentication/scram-credential.js'
import { wampcraCredential } from '../../authentication/wampcra.js'
import { parseCount } from '../arguments.js'
import { Failure } from '../failure.js'
import type { Terminal } from '../terminal.js'

interface HashCommandOptions {
  method: 'wampcra' | 'wamp-scram'
  kdf: 'argon2id13' | 'pbkdf2'
  iterations?: number
  memory?: number
}

/** `wampkit hash`: what a router keeps in place of a secret, so that no configuration has to hold it. */
export function addHashCommand(program: Command, terminal: Terminal): void {
  program
    .command('hash')
    .summary('print what a router keeps in place of a secret')
    .description('read a secret from standard input, a line, and print what a router keeps in place of it')
    .addOption(
      new Option('--method <METHOD>', 'the method of authentication')
        .choices(['wampcra', 'wamp-scram'])
        .default('wamp-scram'),
    )
    .addOption(
      new Option('--kdf <KDF>', 'how, for wamp-scram')
        .choices(['argon2id13', 'pbkdf2'])
        .default('argon2id13'),
    )
    .option('--iterations <N>', 'how much work', parseCount)
    .option('--memory <KIB>', 'how much memory, in KiB; for argon2id13', parseCount)
    .addHelpText('after', '\nExample:\n  npx wampkit hash --method wampcra < secret.txt')
    .action((options: HashCommandOptions) => hash(options, terminal))
}

async function hash(
  { method, kdf, iterations, memory }: HashCommandOptions,
  terminal: Terminal,
): Promise<void> {
  const secret = await terminal.readLine('the secret: ')
  if (secret === '') throw new Failure('there was no secret on standard input')
  const cost = iterations === undefined ? {} : { iterations }
  const credential =
    method === 'wampcra'
      ? await wampcraCredential({ secret, ...cost })
      : await scramCredential({
          password: secret,
          kdf,
          ...cost,
          ...(memory === undefined || kdf === 'pbkdf2' ? {} : { memory }),
        })
  terminal.print(JSON.stringify(credential, undefined, 2))
}
