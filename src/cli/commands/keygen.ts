import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { cryptosignKeyPair } from '../../authentication/ed25519.js'
import { Failure } from '../failure.js'
import { toJson } from '../print.js'
import type { Terminal } from '../terminal.js'

const DEFAULT_FILE = 'wampkit.key'
/** For its owner alone. */
const PRIVATE = 0o600

/** `wampkit keygen`: makes a pair of keys for authentication by cryptosign. */
export function addKeygenCommand(program: Command, terminal: Terminal): void {
  program
    .command('keygen')
    .summary('make a pair of keys for cryptosign')
    .description('make a pair of keys for cryptosign: FILE, which is secret, and FILE.pub')
    .argument('[FILE]', 'where the private key goes', DEFAULT_FILE)
    .option('--json', 'print the public key as JSON')
    .addHelpText('after', '\nExample:\n  npx wampkit keygen ada.key')
    .action((file: string, options: { json?: true }) => generate(file, options.json === true, terminal))
}

async function generate(file: string, json: boolean, terminal: Terminal): Promise<void> {
  const { privateKey, publicKey } = cryptosignKeyPair()
  await writeNew(file, `${privateKey}\n`)
  await writeNew(`${file}.pub`, `${publicKey}\n`)
  if (json) return terminal.print(toJson({ file, publicKey }))
  terminal.print(`wrote ${file} (secret) and ${file}.pub`)
  terminal.print(`public key: ${publicKey}`)
}

/** A key that is there already is somebody's: it is not overwritten. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE)
    try {
      await file.writeFile(text)
    } finally {
      await file.close()
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'it is there already; name another file, or remove it' : message
    throw new Failure(`cannot write ${path}: ${why}`, { cause })
  }
}
