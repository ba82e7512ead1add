import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onCore } from './cores.js'

/** What a process has used up to now. */
export interface Usage {
  /** Microseconds of CPU time, of all its threads. */
  readonly cpu: number
  /** Bytes of memory. */
  readonly rss: number
}

/** How long a process may take to begin, and to answer, in milliseconds. */
const PATIENCE = 60_000

type Answer = Readonly<Record<string, unknown>>

export interface ProcessOptions {
  /** The core that it runs on, if it is to be bound to one. */
  readonly core: number | undefined
  /** What is given to the program. */
  readonly parameters?: readonly string[]
  /** What is given to Node. */
  readonly nodeOptions?: readonly string[]
}

/** A process whose use of CPU and memory is measured. */
export abstract class MeasuredProcess {
  #ended = false

  protected constructor(protected readonly child: ChildProcess) {
    child.once('exit', () => {
      this.#ended = true
    })
  }

  abstract usage(): Promise<Usage>

  /** Ends it, and resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#ended) return
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    if (this.child.connected) this.child.disconnect()
    else this.child.kill()
    await ended
  }
}

/** A program of Node, which uses `peers/answering.js`: it is asked for what it has used. */
export class NodeProcess extends MeasuredProcess {
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  #questions = 0
  place: Answer = {}

  private constructor(
    child: ChildProcess,
    private readonly program: string,
  ) {
    super(child)
    child.on('message', (message) => this.#answered(message))
    child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${program} ended with ${code}`))
      this.#waiting.clear()
    })
  }

  /** @param program relative to this folder's parent. @throws Error if it does not begin. */
  static async start(
    program: string,
    { core, parameters = [], nodeOptions = [] }: ProcessOptions,
  ): Promise<NodeProcess> {
    const file = resolve(import.meta.dirname, '..', program)
    const [command = '', ...rest] = onCore(core, [
      process.execPath,
      '--expose-gc',
      ...nodeOptions,
      file,
      ...parameters,
    ])
    // What it logs to its standard output is not ours.
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const started = new NodeProcess(child, program)
    started.place = await started.#wait(0)
    return started
  }

  /** The port that it listens on. */
  get port(): number {
    return numberOf(this.place, 'port')
  }

  ask(ask: string, more: object = {}): Promise<Answer> {
    const id = ++this.#questions
    this.child.send({ ...more, id, ask })
    return this.#wait(id)
  }

  async usage(): Promise<Usage> {
    return usageOf(await this.ask('usage'))
  }

  /** What is left when nothing is in the heap that is not needed. */
  async leastUsage(): Promise<Usage> {
    return usageOf(await this.ask('leastUsage'))
  }

  #wait(id: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.program} does not answer`)), PATIENCE)
      this.#waiting.set(id, {
        resolve(answer) {
          clearTimeout(timer)
          resolve(answer)
        },
        reject(error) {
          clearTimeout(timer)
          reject(error)
        },
      })
    })
  }

  #answered(message: unknown): void {
    if (!isAnswer(message)) return
    const id = numberOf(message, 'id')
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (isAnswer(message.answer)) waiting?.resolve(message.answer)
    else waiting?.reject(new Error(`${this.program}: ${String(message.error)}`))
  }
}

/** Any other program, on Linux: the kernel tells what it has used. */
export class ForeignProcess extends MeasuredProcess {
  /** @param command the program and what it is given. */
  static start(command: readonly string[], core: number | undefined): ForeignProcess {
    const [program = '', ...rest] = onCore(core, command)
    return new ForeignProcess(spawn(program, rest, { stdio: 'ignore' }))
  }

  async usage(): Promise<Usage> {
    const folder = `/proc/${this.child.pid}`
    let cpu = 0
    for (const thread of readdirSync(`${folder}/task`)) {
      const [nanoseconds = '0'] = readFileSync(`${folder}/task/${thread}/schedstat`, 'latin1').split(' ')
      cpu += Number(nanoseconds) / 1000
    }
    const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`${folder}/status`, 'latin1')) ?? []
    return { cpu, rss: Number(kib) * 1024 }
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null
}

export function numberOf(answer: Answer, key: string): number {
  const value = answer[key]
  if (typeof value !== 'number') throw new Error(`${key} is missing in ${JSON.stringify(answer)}`)
  return value
}

const usageOf = (answer: Answer): Usage => ({ cpu: numberOf(answer, 'cpu'), rss: numberOf(answer, 'rss') })
