import type { Clock, Timer } from '../../clock.js'
import { ProtocolError, SessionClosedError, TransportError, UsageError } from '../../errors.js'
import type { HandledClient, MessageHandler } from '../../message-handlers/message-handler.js'
import * as Code from '../../messages/code.js'
import type { Authenticate, Challenge, Welcome } from '../../messages/session-lifecycle.js'
import type { Callee } from '../../roles/callee.js'
import type { Caller } from '../../roles/caller.js'
import type { Publisher } from '../../roles/publisher.js'
import type { Subscriber } from '../../roles/subscriber.js'
import type { Compatibility } from '../../sessions/compatibility.js'
import type { Session } from '../../sessions/session.js'
import type { Transport } from '../../transports/transport.js'
import * as CLOSE from '../../uris/close.js'
import * as ERROR from '../../uris/error.js'
import { Peer } from '../peer.js'
import { Heartbeat } from './heartbeat.js'
import type { Login } from './login.js'

/** The client that a connection belongs to: its roles outlive the connection. */
export interface ConnectionOwner
  extends Pick<HandledClient, 'caller' | 'callee' | 'publisher' | 'subscriber' | 'registerRoles'> {
  /** A session is joined, and everything that was declared is registered. */
  onJoin(): void
  /** The session, which had been joined, is over. `error` is there unless this side left it. */
  onLeave(reason: string, error?: Error): void
  /** The connection is over, whether a session had been joined or not. */
  onClose(): void
  onError(error: unknown): void
}

export interface ConnectionOptions {
  readonly messageHandler: new (client: HandledClient) => MessageHandler
  /** Milliseconds until the session must be joined, and until GOODBYE must be answered. */
  readonly handshakeTimeout: number
  readonly clock: Clock
  /** Milliseconds between two looks at a router that the transport does not look at; 0 for none. */
  readonly heartbeat: number
  /** Where the router is known to do otherwise than the spec says. */
  readonly compatibility: Compatibility
}

/** One connection of a client with a router, from HELLO to the end of its session. */
export class ClientConnection implements HandledClient {
  readonly #peer: Peer
  readonly #heartbeat: Heartbeat
  #login: Login | undefined
  #state: 'joining' | 'joined' | 'leaving' | 'ended' = 'joining'
  #wasJoined = false
  #join: { resolve(): void; reject(error: unknown): void } | undefined
  #end: { readonly reached: Promise<void>; readonly reach: () => void } = promiseOfEnd()
  /** Why the session ends, once the router or this side has said so. */
  #reason: SessionClosedError | undefined
  #timer: Timer | undefined

  constructor(
    transport: Transport,
    private readonly owner: ConnectionOwner,
    private readonly options: ConnectionOptions,
  ) {
    const handler = new options.messageHandler(this)
    this.#peer = new Peer('client', transport, () => ({
      handleMessage: (message) => {
        this.#heartbeat.heard()
        return handler.handleMessage(message)
      },
      handleClose: (error) => this.#closed(error),
      handleFailure: (error, { code }) => {
        // Without its WELCOME, or the answer to its CHALLENGE, a session cannot be joined.
        if (this.#state === 'joining' && (code === Code.WELCOME || code === Code.CHALLENGE))
          this.failed(error)
        else owner.onError(error)
      },
    }))
    this.session.compatibility = options.compatibility
    const heartbeat = transport.hasHeartbeat ? 0 : options.heartbeat
    this.#heartbeat = new Heartbeat(this.session, options.clock, heartbeat, (error) =>
      this.#peer.close(error),
    )
  }

  get session(): Session {
    return this.#peer.session
  }
  get caller(): Caller {
    return this.owner.caller
  }
  get callee(): Callee {
    return this.owner.callee
  }
  get publisher(): Publisher {
    return this.owner.publisher
  }
  get subscriber(): Subscriber {
    return this.owner.subscriber
  }

  /**
   * Says HELLO; resolves when the session is established and everything declared is registered.
   *
   * @throws SessionClosedError if the router refuses; TransportError if the transport fails, or the time runs out.
   */
  open(login: () => Login): Promise<void> {
    const { clock, handshakeTimeout } = this.options
    return new Promise((resolve, reject) => {
      this.#join = { resolve, reject }
      this.#timer = clock.after(handshakeTimeout, () =>
        this.failed(new TransportError(`the router did not let us join within ${handshakeTimeout} ms`)),
      )
      this.#peer.start()
      try {
        this.#login = login()
        this.session.send(this.#login.hello())
      } catch (error) {
        this.failed(error)
      }
    })
  }

  /** Says GOODBYE, waits for the answer (not for ever) and closes the transport. */
  async leave(): Promise<void> {
    const { clock, handshakeTimeout } = this.options
    if (this.#state === 'ended') return
    this.#heartbeat.stop()
    this.#state = 'leaving'
    this.#reason ??= new SessionClosedError(CLOSE.realm, 'the client left')
    this.session.goodbye(this.options.compatibility.closeReason ?? CLOSE.realm)
    this.#timer?.cancel()
    if (this.session.isLeaving) this.#timer = clock.after(handshakeTimeout, () => this.#peer.close())
    else this.#peer.close()
    await this.#end.reached
  }

  /** Looks, now, if the router is still there. */
  check(): void {
    if (this.#state === 'joined') this.#heartbeat.check()
  }

  registerRoles(): Promise<void> {
    return this.owner.registerRoles()
  }

  async authenticate(challenge: Challenge): Promise<Authenticate> {
    if (this.#login === undefined) throw new UsageError('a CHALLENGE was received before HELLO was said')
    return this.#login.answer(challenge)
  }

  verify(welcome: Welcome): void | Promise<void> {
    return this.#login?.welcomed(welcome)
  }

  joined(): void {
    if (this.#state !== 'joining') return
    this.#state = 'joined'
    this.#wasJoined = true
    this.#timer?.cancel()
    this.#heartbeat.start()
    this.owner.onJoin()
    this.#join?.resolve()
  }

  failed(error: unknown): void {
    const join = this.#join
    if (this.#state !== 'joining' || join === undefined) return
    this.#join = undefined
    // Told when the session is over for good: whoever hears it may start again at once.
    void this.#end.reached.then(() => join.reject(error))
    if (this.session.isEstablished) void this.leave()
    else {
      const reason = error instanceof TransportError ? ERROR.timeout : ERROR.authenticationFailed
      this.session.abort(reason, error instanceof Error ? error.message : String(error))
      this.#peer.close()
    }
  }

  left(reason: string, message?: string): void {
    this.#reason ??= new SessionClosedError(reason, message)
    this.#peer.close()
  }

  #closed(error?: Error): void {
    const before = this.#state
    if (before === 'ended') return
    this.#state = 'ended'
    this.#timer?.cancel()
    this.#heartbeat.stop()
    const cause = this.#reason ?? error ?? new TransportError('the router closed the connection')
    const { caller, callee, publisher, subscriber } = this.owner
    this.owner.onClose()
    for (const role of [caller, callee, publisher, subscriber]) role.close(cause)
    this.#join?.reject(cause)
    if (this.#wasJoined) this.owner.onLeave(reasonOf(cause), before === 'leaving' ? undefined : cause)
    this.#end.reach()
  }
}

function reasonOf(cause: Error): string {
  if (cause instanceof SessionClosedError) return cause.reason
  return cause instanceof ProtocolError ? ERROR.protocolViolation : ERROR.transportLost
}

function promiseOfEnd(): { readonly reached: Promise<void>; readonly reach: () => void } {
  let reach = () => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  return { reached, reach }
}
