/** What the checks use of npm's `autobahn`, which comes without types. */
declare module 'autobahn' {
  export interface Serializer {
    readonly SERIALIZER_ID: string
  }

  export interface Result {
    readonly args: unknown[]
    readonly kwargs: Record<string, unknown>
  }

  export interface CallDetails {
    readonly procedure: string
    readonly progress: ((args?: unknown[], kwargs?: object) => void) | null
    readonly caller?: number
    readonly caller_authid?: string
    readonly caller_authrole?: string
  }

  export interface EventDetails {
    readonly publication: number
    readonly topic: string
    readonly retained: boolean
    readonly publisher?: number
    readonly publisher_authid?: string
    readonly publisher_authrole?: string
  }

  /** A promise of when.js: it tells of progress, and calls can be canceled. */
  export interface Progressive {
    then(
      resolved: (value: unknown) => void,
      rejected: (error: unknown) => void,
      progress?: (value: unknown) => void,
    ): void
    cancel(options?: { mode?: string }): void
  }

  export type Handler = (args: unknown[], kwargs: Record<string, unknown>, details: CallDetails) => unknown
  export type EventHandler = (args: unknown[], kwargs: Record<string, unknown>, details: EventDetails) => void

  export interface Session {
    readonly id: number
    call(procedure: string, args?: unknown[], kwargs?: object, options?: object): Progressive
    register(
      procedure: string,
      handler: Handler,
      options?: object,
    ): PromiseLike<{ unregister(): PromiseLike<void> }>
    publish(
      topic: string,
      args?: unknown[],
      kwargs?: object,
      options?: object,
    ): PromiseLike<{ readonly id: number }> | undefined
    subscribe(
      topic: string,
      handler: EventHandler,
      options?: object,
    ): PromiseLike<{ unsubscribe(): PromiseLike<boolean> }>
  }

  export interface WelcomeDetails {
    readonly authid?: string
    readonly authrole?: string
  }

  export class Connection {
    constructor(options: object)
    onopen: (session: Session, details: WelcomeDetails) => void
    /** What it returns tells whether to leave it at that, even if it `will_retry`. */
    onclose: (reason: string, details: { reason: string | null; will_retry: boolean }) => boolean
    open(): void
    close(reason?: string, message?: string): void
  }

  const autobahn: {
    Connection: typeof Connection
    Result: new (args?: readonly unknown[], kwargs?: object) => Result
    Error: new (
      uri: string,
      args?: readonly unknown[],
      kwargs?: object,
    ) => Result & { readonly error: string }
    serializer: {
      JSONSerializer: new () => Serializer
      MsgpackSerializer: new () => Serializer
      CBORSerializer: new () => Serializer
    }
    log: { warn: (...what: unknown[]) => void }
  }
  export default autobahn
}
