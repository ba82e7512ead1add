import type { Dict } from '../../messages/dictionaries.js'
import type { CallArguments, CallOptions } from '../../roles/call-options.js'
import { Callee } from '../../roles/callee.js'
import { Caller } from '../../roles/caller.js'
import type { ContractPeer, ProcedureContract, TopicContract } from '../../roles/contract.js'
import { ErrorClasses } from '../../roles/error-classes.js'
import { Publisher, type PublishOptions } from '../../roles/publisher.js'
import type { Revocation } from '../../roles/revocation.js'
import { Subscriber } from '../../roles/subscriber.js'
import type { Compatibility } from '../../sessions/compatibility.js'
import { AwayQueue } from './away-queue.js'
import { ClientConnection, type ConnectionOwner } from './client-connection.js'
import type { ClientOptions, SessionDetails } from './client-options.js'
import { errorOf } from './client-state.js'
import { openTransport } from './dial.js'
import { Lifecycle } from './lifecycle.js'
import { Login } from './login.js'
import { Notices } from './notices.js'
import { RoleRegistration } from './role-registration.js'
import { detailsOf } from './session-details.js'
import { settingsOf } from './settings.js'

/** What the parts of a client ask of it. */
interface Registering {
  /** Registers the roles, by an override if there is one. */
  registerRoles(): Promise<void>
  /** Is there an override? */
  isOverridden(): boolean
}

/** What a client is made of: its roles, its life cycle and its notices, joined. */
export class ClientParts implements ContractPeer {
  readonly errors = new ErrorClasses()
  readonly notices: Notices
  readonly owner: ConnectionOwner
  readonly roles: RoleRegistration
  readonly lifecycle: Lifecycle
  readonly compatibility: Compatibility
  readonly #away: AwayQueue

  /** @throws UsageError if the options cannot work. */
  constructor(client: object, options: ClientOptions, registering: Registering) {
    const settings = settingsOf(options)
    const { clock, reconnect } = settings
    const { errors } = this
    this.compatibility = settings.compatibility
    this.notices = new Notices(settings.logger)
    for (const [uri, errorClass] of Object.entries(options.errors ?? {})) errors.bind(uri, errorClass)
    const onError = (error: unknown) => this.report(error)
    const onRevoked = (revocation: Revocation) => this.notices.emit('revoke', revocation)
    this.owner = {
      caller: new Caller(clock, errors, onError),
      callee: new Callee(clock, errors, onRevoked),
      publisher: new Publisher(errors),
      subscriber: new Subscriber(errors, onError, onRevoked),
      registerRoles: () => {
        this.#away.open()
        return this.roles.run(() => registering.registerRoles(), registering.isOverridden())
      },
      onJoin: () => {
        this.lifecycle.joined()
        if (this.session !== undefined) this.notices.emit('join', this.session)
      },
      onLeave: (reason, error) => {
        this.lifecycle.left(error)
        this.notices.emit('leave', error === undefined ? { reason } : { reason, error })
      },
      onClose: () => this.#away.close(),
      onError,
    }
    this.roles = new RoleRegistration(client, this.owner.callee, this.owner.subscriber)
    this.#away = new AwayQueue(reconnect.queue, clock)
    this.lifecycle = new Lifecycle({
      clock,
      reconnect,
      dial: (signal) => openTransport(options, settings.serializers, signal),
      connect: (transport) => new ClientConnection(transport, this.owner, settings),
      login: (transport) => new Login(options, transport.info, settings.ownerKey),
      onState: (change) => {
        this.#away.follow(change)
        if (change.state === 'stopped') this.owner.subscriber.end(errorOf(change))
        this.notices.emit('state', change)
      },
      onGivenUp: onError,
    })
  }

  /** The session that is joined, if any. */
  get session(): SessionDetails | undefined {
    const session = this.lifecycle.connection?.session
    return session?.isEstablished ? detailsOf(session) : undefined
  }

  call(
    procedure: string | ProcedureContract,
    args?: CallArguments,
    kwargs?: Dict,
    options?: CallOptions,
  ): Promise<unknown> {
    if (typeof procedure === 'object') return procedure.call(this, args, kwargs, options)
    return this.#away.pass(`call ${procedure}`, options, (timeLeft) =>
      this.owner.caller.call(procedure, args, kwargs, timeLeft),
    )
  }

  publish(
    topic: string | TopicContract,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined> {
    if (typeof topic === 'object') return topic.publish(this, args, kwargs, options)
    return this.#away.pass(`publish to ${topic}`, undefined, () =>
      this.owner.publisher.publish(topic, args, kwargs, options),
    )
  }

  report(error: unknown): void {
    this.notices.report(error)
  }
}
