import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SerializerName } from '../../src/index.js'
import type { Login, LoginLibrary, LoginOptions, Method } from './authentication-library.js'
import { Refusal } from './peer.js'
import { PYTHON } from './peers/autobahn-python.js'

const SCRIPT = join(import.meta.dirname, 'python/authentication.py')

/** The modules that Python lacks for each method. */
export function missingModules(): Readonly<Record<Method, readonly string[]>> {
  const { stdout, status } = spawnSync(PYTHON, [SCRIPT, '--missing'], { encoding: 'utf8' })
  if (status === 0) return JSON.parse(stdout)
  const missing = ['python3']
  return { ticket: missing, wampcra: missing, scram: missing, cryptosign: missing }
}

/** What Python's `derive_scram_credential` returns; octets are in hex. */
export interface PythonCredential {
  readonly kdf: 'argon2id-13'
  readonly memory: number
  readonly iterations: number
  readonly salt: string
  readonly 'stored-key': string
  readonly 'server-key': string
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly refused?: string
  readonly failure?: string
}

/** Debian's `python3-autobahn`, in one Python process for all log-ins. */
export class AutobahnPythonLogin implements LoginLibrary, Disposable {
  readonly name = 'Python autobahn'
  readonly deviations = {
    'by scram, with a name beyond ASCII': 'Python autobahn signs names by scram in ASCII alone',
    'with the public key of somebody else': 'Python autobahn has only that of its private key',
  }
  readonly #process: ChildProcess
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #id = 0

  constructor(
    readonly serializers: readonly SerializerName[],
    readonly methods: readonly Method[],
  ) {
    this.#process = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout as NonNullable<ChildProcess['stdout']> }).on(
      'line',
      (line) => this.#hear(JSON.parse(line)),
    )
    this.#process.stdin?.on('error', () => {})
    this.#process.once('exit', (code) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`Python ended with ${code}`))
    })
  }

  [Symbol.dispose](): void {
    this.#process.stdin?.end()
    this.#process.kill()
  }

  async logIn(options: LoginOptions): Promise<Login> {
    const login = this.#id + 1
    const joined = await this.#ask('log in', options)
    const leave = async () => {
      await this.#ask('leave', { login })
    }
    return { ...(joined as Omit<Login, 'leave'>), leave }
  }

  /** What it makes of a password for a router. */
  credential(authid: string, password: string): Promise<PythonCredential> {
    return this.#ask('credential', { authid, password }) as Promise<PythonCredential>
  }

  #ask(what: string, options: object): Promise<unknown> {
    const id = ++this.#id
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#process.stdin?.write(`${JSON.stringify({ do: what, id, ...options })}\n`)
    })
  }

  #hear({ id, value, refused, failure }: Answer): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (refused !== undefined) pending?.reject(new Refusal(refused))
    else if (failure !== undefined) pending?.reject(new Error(failure))
    else pending?.resolve(value)
  }
}
