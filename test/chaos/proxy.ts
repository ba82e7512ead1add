/** A TCP proxy that does to connections what networks do to them, and worse. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { reset as resetSocket } from '../transports/rawsocket/reset.js'
import { Deck, type Random } from './random.js'

/** What may happen to octets that come, or to their connection. */
const WHIMS = {
  /** They are held back, for so many turns. */
  hold: 8,
  /** They go on in pieces, a turn between them. */
  crumble: 6,
  /** The first of them go on, and the connection ends in the middle of a frame. */
  truncate: 4,
  /** Both ends are closed. */
  cut: 2,
  /** Both ends are reset. */
  reset: 2,
  /** One direction ends; the other one goes on. */
  'half-close': 2,
  /** Nothing goes on any more, and nobody is told for a while. */
  mute: 2,
  /** The client's end is closed, and the router is not told. */
  ghost: 2,
} as const

export type Whim = keyof typeof WHIMS | 'refuse'

const MOST_TURNS = 40
const MOST_MUTE_TURNS = 300

/** What a proxy's connections ask of it. */
interface Sky {
  readonly random: Random
  /** What happens to the octets that have just come, if anything does. */
  whim(): Whim | undefined
  /** Calls back after so many turns, or when there is calm. */
  later(turns: number, callback: () => void): void
  ended(link: Link): void
}

export class ChaosProxy implements AsyncDisposable {
  /** How often each thing has happened. */
  readonly counts = new Map<Whim, number>()
  /** Of the chunks that come, so many suffer something. */
  roughness = 0
  readonly #links = new Set<Link>()
  readonly #due: { turns: number; callback: () => void }[] = []
  readonly #whims: Deck<keyof typeof WHIMS>
  #isTurning = false
  readonly #server: Server
  /** Where connections are passed on to. */
  #target = 0
  #port = 0

  constructor(private readonly random: Random) {
    this.#whims = new Deck(random, WHIMS)
    const sky: Sky = {
      random,
      whim: () => this.#whim(),
      later: (turns, callback) => this.#later(turns, callback),
      ended: (link) => this.#links.delete(link),
    }
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      near.on('error', ignore)
      if (random.happens(this.roughness)) {
        this.#count('refuse')
        return void reset(near)
      }
      const far = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      this.#links.add(new Link(near, far, sky))
    })
  }

  /** Passes on to `port`. */
  async listen(port: number): Promise<void> {
    this.#target = port
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get port(): number {
    return this.#port
  }

  /** Nothing bad happens any more. What had begun comes to its end, but nobody is told of the ghosts. */
  async calm(): Promise<void> {
    this.roughness = 0
    while (this.#due.length > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Ends all connections, and takes no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const link of [...this.#links]) link.end('cut')
    await closed
  }

  #whim(): Whim | undefined {
    if (!this.random.happens(this.roughness)) return undefined
    const whim = this.#whims.draw()
    this.#count(whim)
    return whim
  }

  #count(whim: Whim): void {
    this.counts.set(whim, (this.counts.get(whim) ?? 0) + 1)
  }

  #later(turns: number, callback: () => void): void {
    this.#due.push({ turns, callback })
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    for (const entry of this.#due.splice(0)) {
      if (--entry.turns > 0) this.#due.push(entry)
      else entry.callback()
    }
    this.#isTurning = this.#due.length > 0
    if (this.#isTurning) setImmediate(() => this.#turn())
  }
}

/** One connection of a client, and the one to the router that was made for it. */
class Link {
  #isOver = false
  /** Does nothing go on any more? */
  #isMute = false
  /** Sockets that are not closed. */
  readonly #open: Set<Socket>

  constructor(
    private readonly near: Socket,
    far: Socket,
    readonly sky: Sky,
  ) {
    this.#open = new Set([near, far])
    this.#join(near, new Flow(far, this))
    this.#join(far, new Flow(near, this))
  }

  /** Something happens to all of it. */
  suffer(whim: Whim): void {
    if (whim === 'mute') {
      this.#isMute = true
      this.sky.later(1 + this.sky.random.upTo(MOST_MUTE_TURNS), () => this.end('cut'))
    } else if (whim === 'ghost') {
      this.#isMute = true
      this.near.destroy()
    } else this.end(whim)
  }

  get isMute(): boolean {
    return this.#isMute
  }

  end(whim: Whim): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isMute = true
    for (const socket of [...this.#open]) {
      if (whim === 'reset' && !socket.connecting && !socket.destroyed) {
        reset(socket)
        this.#closed(socket)
      } else socket.destroy()
    }
  }

  #join(socket: Socket, flow: Flow): void {
    socket.on('data', (chunk: Buffer) => flow.take(chunk))
    socket.on('end', () => {
      flow.end()
      // A ghost does not answer, but it does not keep the router's end either.
      if (this.#isMute) socket.destroy()
    })
    socket.on('error', () => this.end('cut'))
    socket.on('close', () => {
      this.#closed(socket)
      if (!this.#isMute) this.end('cut')
    })
  }

  #closed(socket: Socket): void {
    this.#open.delete(socket)
    if (this.#open.size === 0) this.sky.ended(this)
  }
}

/** One direction. */
class Flow {
  readonly #held: (Buffer | 'end')[] = []
  #isHolding = false
  #hasEnded = false

  constructor(
    private readonly to: Socket,
    private readonly link: Link,
  ) {}

  take(chunk: Buffer): void {
    const { link } = this
    const { sky } = link
    if (link.isMute || this.#hasEnded) return
    const whim = sky.whim()
    if (whim === undefined) return this.#pass(chunk)
    switch (whim) {
      case 'hold':
        this.#hold(sky.random.upTo(MOST_TURNS))
        return this.#pass(chunk)
      case 'crumble': {
        const at = sky.random.upTo(chunk.length)
        this.#pass(chunk.subarray(0, at))
        this.#hold(1 + sky.random.upTo(3))
        return this.#pass(chunk.subarray(at))
      }
      case 'truncate': {
        this.#pass(chunk.subarray(0, sky.random.upTo(chunk.length - 1)))
        const how = sky.random.oneOf(['cut', 'reset', 'half-close'] as const)
        if (how === 'half-close') this.end()
        // In another turn, so that what was written leaves.
        else sky.later(1, () => link.end(how))
        this.#hasEnded = true
        return
      }
      case 'half-close':
        this.#pass(chunk)
        return this.end()
      default:
        return link.suffer(whim)
    }
  }

  /** No more will come this way. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#pass('end')
  }

  #hold(turns: number): void {
    if (this.#isHolding) return
    this.#isHolding = true
    this.link.sky.later(turns, () => {
      this.#isHolding = false
      for (const held of this.#held.splice(0)) this.#pass(held)
    })
  }

  #pass(what: Buffer | 'end'): void {
    if (this.link.isMute || this.to.destroyed) return
    if (this.#isHolding) this.#held.push(what)
    else if (what === 'end') this.to.end()
    else if (what.length > 0) this.to.write(what)
  }
}

/** Node loses the handle of a socket that is reset while its end is on the way: such a one is closed. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else resetSocket(socket)
}

function ignore(): void {}
