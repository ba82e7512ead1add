import { type Interrupter, Interruption } from './interruption.js'
import type { Terminal } from './terminal.js'

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
