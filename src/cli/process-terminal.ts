import { type Interrupter, Interruption } from './interruption.js'
import type { Terminal } from './terminal.js'

const CTRL_C = '\u0003'
const BACKSPACE = /[\b\u007f]/

/** The terminal, the pipes and the signals of this process. */
export class ProcessTerminal implements Terminal {
  readonly environment = process.env
  readonly isInteractive = process.stdout.isTTY === true
  readonly #interruption = new AbortController()

  constructor() {
    process.on('SIGINT', () => this.#signaled('SIGINT'))
    process.on('SIGTERM', () => this.#signaled('SIGTERM'))
    // `wampkit subscribe … | head`: the reader has what it wants.
    process.stdout.on('error', () => this.#interrupt('EPIPE'))
    process.stderr.on('error', () => {})
  }

  get interruption(): AbortSignal {
    return this.#interruption.signal
  }

  print(line: string): void {
    process.stdout.write(`${line}\n`)
  }

  tell(sentence: string): void {
    process.stderr.write(`${sentence}\n`)
  }

  async readLine(prompt: string): Promise<string> {
    const { stdin } = process
    if (stdin.isTTY) {
      this.tell(prompt.trim())
      stdin.setRawMode(true)
    }
    try {
      return await firstLine(stdin)
    } finally {
      if (stdin.isTTY) stdin.setRawMode(false)
      stdin.pause()
    }
  }

  onReload(listener: () => void): void {
    process.on('SIGHUP', listener)
  }

  /** Ends the process, whatever else it has open, when all that was written has left. */
  async exit(code: number): Promise<never> {
    for (const stream of [process.stdout, process.stderr])
      if (stream.writable) await new Promise((resolve) => stream.write('', resolve))
    process.exit(code)
  }

  #signaled(by: Interrupter): void {
    // Whoever asks twice does not want to wait for a GOODBYE.
    if (this.interruption.aborted) process.exit(130)
    this.#interrupt(by)
  }

  #interrupt(by: Interrupter): void {
    this.#interruption.abort(new Interruption(by))
  }
}

/** What comes before the first line break, or the end. At a terminal that shows nothing, nobody else sees to Backspace. */
async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  let line = ''
  input.setEncoding('utf8')
  for await (const chunk of input)
    for (const character of String(chunk)) {
      if (character === '\n' || character === '\r') return line
      if (input.isTTY && character === CTRL_C) process.exit(130)
      line = input.isTTY && BACKSPACE.test(character) ? line.slice(0, -1) : line + character
    }
  return line
}
