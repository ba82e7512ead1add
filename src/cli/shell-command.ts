import { type ChildProcess, spawn } from 'node:child_process'
import { systemClock } from '../clock.js'
import { ApplicationError } from '../errors.js'
import { ERROR } from '../uris.js'

/** How many may run at the same time; further ones wait. */
const MOST_AT_ONCE = 16

/** Octets of output that a result may have: more than any message takes. */
const LONGEST_OUTPUT = 16 * 1024 * 1024

/** Characters of stderr that are looked at for its first line. */
const LONGEST_COMPLAINT = 4096

/** Milliseconds between the polite signal and the other one. */
const PATIENCE = 2_000

const ownGroups = process.platform !== 'win32'

/** A command of the shell, that runs once for each call, a bounded number of times at once. */
export class ShellCommand implements AsyncDisposable {
  readonly #running = new Set<Promise<unknown>>()
  readonly #children = new Set<ChildProcess>()
  readonly #waiting = new Set<() => void>()
  readonly #killAll = () => {
    for (const child of this.#children) kill(child, 'SIGKILL')
  }

  constructor(
    private readonly command: string,
    /** Told what the command writes to stderr, a line at a time. */
    private readonly onStderr: (line: string) => void,
  ) {
    process.on('exit', this.#killAll)
  }

  /**
   * Runs the command with `input` on its stdin; resolves to what it wrote to stdout. When `signal` aborts, it is
   * killed.
   *
   * @throws ApplicationError (`wamp.error.runtime_error`) with the first line of its stderr if it fails.
   */
  async run(input: string, signal: AbortSignal): Promise<string> {
    while (this.#running.size >= MOST_AT_ONCE && !signal.aborted) await this.#turn(signal)
    if (signal.aborted) {
      this.#next()
      throw signal.reason
    }
    const run = this.#spawn(input, signal)
    this.#running.add(run)
    try {
      return await run
    } finally {
      this.#running.delete(run)
      this.#next()
    }
  }

  /** Resolves when nothing runs any more: whoever ends the session has aborted what was running. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) end(child)
    await Promise.allSettled(this.#running)
    process.off('exit', this.#killAll)
  }

  /** Resolves when another run has ended, or nobody wants this one any more. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const turn = () => {
        signal.removeEventListener('abort', turn)
        this.#waiting.delete(turn)
        resolve()
      }
      this.#waiting.add(turn)
      signal.addEventListener('abort', turn)
    })
  }

  #next(): void {
    const [first] = this.#waiting
    if (this.#running.size < MOST_AT_ONCE) first?.()
  }

  #spawn(input: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      // In a group of its own: Ctrl-C goes to us alone, and what the shell started can be killed with it.
      const child = spawn(this.command, { shell: true, detached: ownGroups, windowsHide: true })
      const output: Buffer[] = []
      let size = 0
      let complaint = ''
      const fail = (sentence: string) => reject(new ApplicationError(ERROR.runtimeError, [sentence]))
      const onAbort = () => end(child)
      this.#children.add(child)
      signal.addEventListener('abort', onAbort)
      child.on('error', (error) => fail(`cannot run the command: ${error.message}`))
      child.on('close', (code, killer) => {
        this.#children.delete(child)
        signal.removeEventListener('abort', onAbort)
        if (code === 0 && size <= LONGEST_OUTPUT) return resolve(Buffer.concat(output).toString('utf8'))
        if (size > LONGEST_OUTPUT) return fail(`the command wrote more than ${LONGEST_OUTPUT} bytes`)
        const [firstLine = ''] = complaint.trim().split('\n', 1)
        fail(firstLine || `the command ended with ${killer ?? `exit code ${code}`}`)
      })
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= LONGEST_OUTPUT) output.push(chunk)
        else end(child)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < LONGEST_COMPLAINT) complaint += text
        this.onStderr(text.replace(/\n$/, ''))
      })
      // A command that does not read what it is told closes the pipe: it may.
      child.stdin.on('error', () => {})
      child.stdin.end(input)
    })
  }
}

/** Asks the command to end; after a while, does not ask. */
function end(child: ChildProcess): void {
  kill(child, 'SIGTERM')
  const timer = systemClock.after(PATIENCE, () => kill(child, 'SIGKILL'))
  child.once('close', () => timer.cancel())
}

function kill(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = child
  if (pid === undefined) return
  try {
    if (ownGroups) process.kill(-pid, signal)
    else child.kill(signal)
  } catch {
    // It has ended by itself.
  }
}
