import type { Clock, Timer } from '../../clock.js'
import { SessionClosedError } from '../../errors.js'
import type { Transport } from '../../transports/transport.js'
import * as CLOSE from '../../uris/close.js'
import { onAwakening } from './awakening.js'
import { Backoff, type ReconnectOptions } from './backoff.js'
import type { ClientConnection } from './client-connection.js'
import type { ClientState, StateChange } from './client-state.js'
import type { Login } from './login.js'
import { mayPass } from './reconnecting.js'

/** What a client's starts and stops are made of. */
export interface LifecycleParts {
  readonly clock: Clock
  readonly reconnect: Required<ReconnectOptions>
  /** Opens a transport; gives up when `signal` aborts. */
  dial(signal: AbortSignal): Promise<Transport>
  connect(transport: Transport): ClientConnection
  /** Begins to log in over the transport. */
  login(transport: Transport): Login
  onState(change: StateChange): void
  /** The client, which had been joined, does not try to come back any more. */
  onGivenUp(error: unknown): void
}

/** Starts and stops of a client, which may be called at any time and cross each other. */
export class Lifecycle {
  #state: ClientState = 'stopped'
  #run: Run | undefined
  /** Ends the listening for the network and the page. */
  #sleep: (() => void) | undefined
  /** Settles when the last `stop()` has come to its end. */
  #stopping: Promise<void> | undefined

  constructor(private readonly parts: LifecycleParts) {}

  get state(): ClientState {
    return this.#state
  }

  /** The connection there is; its session may be joined or not. */
  get connection(): ClientConnection | undefined {
    return this.#run?.connection
  }

  /** @throws whatever kept the client from joining. */
  start(): Promise<void> {
    if (this.#run !== undefined) {
      this.#run.hurry()
      return this.#run.joining
    }
    const run = new Run(this.parts, (state, why) => {
      if (this.#run === run) this.#become(state, why)
    })
    this.#run = run
    run.begin(this.#stopping)
    run.joining.catch((error: unknown) => this.#ended(run, error))
    return run.joining
  }

  stop(): Promise<void> {
    const run = this.#run
    if (run === undefined) return this.#stopping ?? Promise.resolve()
    // A start() from here on is another one; it waits for this one's end.
    this.#become('stopping')
    this.#run = undefined
    const stopping = run.end().then(() => {
      if (this.#run === undefined && this.#stopping === stopping) this.#become('stopped')
    })
    this.#stopping = stopping
    return stopping
  }

  /** A session is joined. */
  joined(): void {
    if (this.#run !== undefined) this.#run.joined()
  }

  /** The session that had been joined is over, because of `error` unless `stop()` ended it. */
  left(error: Error | undefined): void {
    const run = this.#run
    // With stop() it was forgotten before, and there may be the next one by now.
    if (error === undefined || run === undefined) return
    // Where nothing is tried, the end of the session says it all; who hears of it may start again at once.
    if (!run.lost(error)) return void this.#ended(run, error)
    run.joining.catch((failure: unknown) => {
      if (this.#ended(run, failure)) this.parts.onGivenUp(failure)
    })
  }

  /** If the client waits before its next attempt, it waits no longer; if it is joined, it looks if that is true. */
  #wake(): void {
    this.#run?.hurry()
    this.connection?.check()
  }

  /** False if it had been stopped before. */
  #ended(run: Run, error: unknown): boolean {
    if (this.#run !== run) return false
    this.#run = undefined
    this.#become('stopped', { error })
    return true
  }

  #become(state: ClientState, why: Partial<StateChange> = {}): void {
    const previous = this.#state
    if (state === previous) return
    this.#state = state
    if (state === 'connecting') this.#sleep ??= onAwakening(() => this.#wake())
    if (state === 'stopping' || state === 'stopped') {
      this.#sleep?.()
      this.#sleep = undefined
    }
    this.parts.onState({ ...why, state, previous })
  }
}

/** From a `start()` to its `stop()`: one session after the other. */
class Run {
  connection: ClientConnection | undefined
  /** Settles with the attempts to join that are under way, or were last. */
  joining: Promise<void> = Promise.resolve()
  readonly #backoff: Backoff
  readonly #ending = new AbortController()
  #joinedAt = 0
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined

  constructor(
    private readonly parts: LifecycleParts,
    private readonly become: (state: ClientState, why?: Partial<StateChange>) => void,
  ) {
    this.#backoff = new Backoff(parts.reconnect)
  }

  /** Joins when `before` has settled. */
  begin(before: Promise<void> | undefined): void {
    this.become('connecting')
    this.joining = this.#begin(before)
  }

  joined(): void {
    this.#joinedAt = this.parts.clock.now()
    this.become('joined')
  }

  /** The session is lost: tries to get another one. Returns false if there is to be none. */
  lost(error: Error): boolean {
    this.connection = undefined
    this.#backoff.lasted(this.parts.clock.now() - this.#joinedAt)
    const delay = this.#delayAfter(error)
    if (delay === undefined) return false
    this.joining = this.#again(error, delay)
    return true
  }

  /** Waits no longer, if it waits. */
  hurry(): void {
    if (this.#pause === undefined) return
    this.#backoff.reset()
    this.#pause.end()
  }

  async end(): Promise<void> {
    this.#ending.abort()
    this.#pause?.end()
    await this.connection?.leave()
    // Whoever called start() hears how it failed.
    await this.joining.catch(() => {})
  }

  async #begin(before: Promise<void> | undefined): Promise<void> {
    await before
    try {
      await this.#attempt()
    } catch (error) {
      const delay = this.parts.reconnect.fromStart ? this.#delayAfter(error) : undefined
      if (delay === undefined) throw error
      await this.#again(error, delay)
    }
  }

  /** Milliseconds to wait after a failure, or `undefined` if it was the last one. */
  #delayAfter(failure: unknown): number | undefined {
    return this.#isEnding || !mayPass(failure) ? undefined : this.#backoff.next()
  }

  async #again(first: unknown, firstDelay: number): Promise<void> {
    let failure = first
    for (let delay: number | undefined = firstDelay; delay !== undefined; delay = this.#delayAfter(failure)) {
      this.become('waiting', { error: failure, attempt: this.#backoff.attempts, delay })
      await this.#wait(delay)
      this.become('connecting', { attempt: this.#backoff.attempts })
      try {
        return await this.#attempt()
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async #attempt(): Promise<void> {
    const { signal } = this.#ending
    if (signal.aborted) throw stoppedEarly()
    const transport = await this.parts.dial(signal)
    if (signal.aborted) {
      transport.close()
      throw stoppedEarly()
    }
    const connection = this.parts.connect(transport)
    this.connection = connection
    try {
      await connection.open(() => this.parts.login(transport))
    } catch (error) {
      if (this.connection === connection) this.connection = undefined
      throw error
    }
  }

  #wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#pause?.timer.cancel()
        this.#pause = undefined
        resolve()
      }
      // As its connection did, its hope for the next one keeps a process alive.
      this.#pause = { timer: this.parts.clock.after(delay, end, true), end }
    })
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }
}

function stoppedEarly(): SessionClosedError {
  return new SessionClosedError(CLOSE.realm, 'the client was stopped before it had joined')
}
