import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SerializerName } from '../../../src/index.js'
import {
  Inbox,
  type JoinOptions,
  type Library,
  listsOf,
  type Payload,
  type Peer,
  type ReceivedEvent,
  Refusal,
} from '../peer.js'

/** Debian's own Python: `python3-autobahn` is installed for that one. */
export const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'

const SCRIPT = join(import.meta.dirname, '../python/peer.py')

/** Which serializers the Python of this machine has for autobahn; none if it has no autobahn. */
export function pythonSerializers(): readonly SerializerName[] {
  const names = { json: 'JsonSerializer', msgpack: 'MsgPackSerializer', cbor: 'CBORSerializer' }
  const ask = 'import autobahn.wamp.serializer as s; print(" ".join(dir(s)))'
  const { stdout, status } = spawnSync(PYTHON, ['-c', ask], { encoding: 'utf8' })
  if (status !== 0) return []
  const found = stdout.split(/\s+/)
  return (Object.keys(names) as SerializerName[]).filter((name) => found.includes(names[name]))
}

interface Line {
  readonly id?: number
  readonly value?: unknown
  readonly error?: Payload & { readonly uri: string }
  readonly failure?: string
  readonly progress?: Payload
  readonly inbox?: number
  readonly event?: ReceivedEvent
  readonly session?: string
  readonly ended?: string
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
  onProgress?: ((result: Payload) => void) | undefined
}

export interface PythonJoinOptions extends Omit<JoinOptions, 'serializer'> {
  /** Offers all that it speaks, as it does by default, if there is none. */
  readonly serializer?: SerializerName
  /** Sends all payload as payload transparency has it: as binary that no router reads. */
  readonly transparent?: boolean
}

/** Debian's `python3-autobahn`, in one Python process for all of its sessions. */
export class AutobahnPython implements Library, Disposable {
  readonly name = 'Python autobahn'
  readonly binaryInJson = 'bytes'
  readonly #process: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #inboxes = new Map<number, Inbox>()
  readonly #ends = new Map<string, (reason: string) => void>()
  #id = 0
  #exited: Error | undefined

  constructor(readonly serializers: readonly SerializerName[]) {
    this.#process = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout as NonNullable<ChildProcess['stdout']> }).on(
      'line',
      (line) => this.#hear(unpack(JSON.parse(line)) as Line),
    )
    this.#process.stdin?.on('error', () => {})
    this.#process.once('exit', (code) => {
      this.#exited = new Error(`Python ended with ${code}`)
      for (const { reject } of this.#pending.values()) reject(this.#exited)
    })
  }

  [Symbol.dispose](): void {
    this.#process.stdin?.end()
    this.#process.kill()
  }

  async join(options: PythonJoinOptions): Promise<Peer & { serializer: string }> {
    const { url, realm, serializer, ticket, transparent } = options
    const session = `session ${++this.#id}`
    const ended = new Promise<string>((resolve) => {
      this.#ends.set(session, resolve)
    })
    const joined = await this.#ask(session, 'join', { url, realm, serializer, ticket, transparent })
    return this.#peer(
      session,
      joined as { session: number; authid: string; authrole: string; serializer: string },
      ended,
    )
  }

  #peer(
    session: string,
    joined: { session: number; authid: string; authrole: string; serializer: string },
    ended: Promise<string>,
  ): Peer & { serializer: string } {
    const ask = (what: string, options: object) => this.#ask(session, what, options)
    return {
      ...joined,
      ended,
      call: (procedure, payload = {}, { onProgress, timeout, signal } = {}) => {
        const progress = onProgress !== undefined
        const result = this.#ask(session, 'call', { procedure, ...payload, progress, timeout }, onProgress)
        const call = this.#id
        signal?.addEventListener('abort', () => void ask('cancel', { call }))
        return result as Promise<Payload>
      },
      serve: async (procedure, behaviour, options) => {
        const registration = this.#id + 1
        await ask('serve', { procedure, behaviour, ...options })
        return async () => {
          await ask('unregister', { registration })
        }
      },
      publish: (topic, payload = {}, options = {}) =>
        ask('publish', { topic, ...payload, ...options, lists: listsOf(options) }) as Promise<
          number | undefined
        >,
      subscribe: async (topic, options) => {
        const inbox = new Inbox()
        const subscription = this.#id + 1
        this.#inboxes.set(subscription, inbox)
        await ask('subscribe', { topic, ...options })
        inbox.unsubscribe = async () => {
          await ask('unsubscribe', { subscription })
        }
        return inbox
      },
      leave: async () => {
        await ask('leave', {})
        await ended
      },
    }
  }

  #ask(session: string, what: string, options: object, onProgress?: Pending['onProgress']): Promise<unknown> {
    const id = ++this.#id
    if (this.#exited !== undefined) return Promise.reject(this.#exited)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress })
      this.#process.stdin?.write(`${JSON.stringify(pack({ id, session, do: what, ...options }))}\n`)
    })
  }

  #hear({ id = 0, value, error, failure, progress, inbox = 0, event, session = '', ended }: Line): void {
    if (event !== undefined) return this.#inboxes.get(inbox)?.receive(event)
    if (ended !== undefined) return this.#ends.get(session)?.(ended)
    const pending = this.#pending.get(id)
    if (progress !== undefined) return pending?.onProgress?.(progress)
    this.#pending.delete(id)
    if (error !== undefined) pending?.reject(new Refusal(error.uri, error.args, error.kwargs))
    else if (failure !== undefined) pending?.reject(new Error(failure))
    else pending?.resolve(value ?? undefined)
  }
}

/** Binary, as it travels in lines of JSON between this process and Python. */
function pack(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(pack)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]))
  return value
}

function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack)
  if (value === null || typeof value !== 'object') return value
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]))
}
