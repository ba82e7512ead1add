import * as Code from '../messages/code.js'
import type { Dict } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import { Publish, type Published } from '../messages/pubsub.js'
import type { Session } from '../sessions/session.js'
import { spellOut } from '../spelling.js'
import { toArguments } from './arguments.js'
import type { ErrorClasses } from './error-classes.js'
import { expectUri } from './expectations.js'
import { featuresOf } from './feature-table.js'
import { openSession } from './open-session.js'
import { outcomeUnknown } from './outcome-unknown.js'
import { toldOfUnsent } from './oversized.js'
import { type Passthru, passthruOptions } from './passthru.js'
import { Requests } from './requests.js'

export interface PublishOptions {
  /** Waits for the router's word that the event was accepted; without it a refusal is silent. */
  acknowledge?: boolean
  /** `false` sends the event to the publisher too, if it is subscribed. Spec: rfc/text/advanced/pubsub_publisher_exclusion.md. */
  excludeMe?: boolean
  /** Asks the router to tell subscribers who published. */
  discloseMe?: boolean
  /**
   * Which subscribers may have the event: those on every list of `eligible`, and on none of `exclude`. A list that is
   * there and empty counts: with `eligible: { sessions: [] }` nobody gets it.
   *
   * Spec: rfc/text/advanced/pubsub_subscriber_blackwhite_listing.md.
   */
  eligible?: SubscriberLists
  exclude?: SubscriberLists
  /**
   * Has the router keep the event as the newest of its topic, for those who subscribe later and ask for it; a router
   * that cannot ignores this. Spec: rfc/text/advanced/pubsub_event_retention.md.
   */
  retain?: boolean
  /**
   * Of the subscribers that share their events by node, only the node that this key belongs to gets the event.
   *
   * Spec: rfc/text/advanced/pubsub_sharded_subscription.md.
   */
  rkey?: string
  /** Publishes a payload that only its ends can read: `args` is one `Uint8Array`, and there are no keywords. */
  passthru?: Passthru
  /** Further options, as the wire has them. */
  extra?: Dict
}

/** Subscribers, by session id, authid or authrole. */
export interface SubscriberLists {
  sessions?: readonly number[]
  authids?: readonly string[]
  authroles?: readonly string[]
}

/** The role that publishes events. Spec: rfc/text/basic/publish_subscribe.md. */
export class Publisher {
  static readonly features = featuresOf('publisher')

  #session: Session | undefined
  readonly #publishing = new Requests<Published>()

  constructor(private readonly errors: ErrorClasses) {}

  open(session: Session): void {
    this.#session = session
  }

  close(error: Error): void {
    this.#session = undefined
    this.#publishing.close(outcomeUnknown(error, 'the publication'))
  }

  /**
   * Publishes to a topic. Resolves to the publication's id if it was to be acknowledged, else to `undefined` as soon
   * as the event is on its way.
   *
   * @throws ApplicationError if the router refuses an acknowledged publication, or the event is longer than it takes;
   * SessionClosedError if there is no session; UsageError if the event cannot be sent.
   */
  async publish(
    topic: string,
    args: readonly unknown[] = [],
    kwargs?: Dict,
    options: PublishOptions = {},
  ): Promise<number | undefined> {
    expectUri('publish to', topic)
    const session = openSession(this.#session, `publish to ${topic}`)
    const payload = toArguments(args, kwargs)
    const { passthru } = options
    const wire =
      passthru === undefined
        ? wireOptions(options)
        : { ...wireOptions(options), ...passthruOptions(passthru, payload, session.peer, 'broker') }
    const message = (requestId: number) => new Publish(requestId, wire, topic, payload)
    try {
      if (options.acknowledge)
        return await this.#publishing.send(session, message, ({ publicationId }) => publicationId)
      session.request(message)
    } catch (error) {
      throw toldOfUnsent(error, Code.PUBLISH, this.errors)
    }
    return undefined
  }

  /** A PUBLISHED came. */
  published(message: Published): void {
    this.#publishing.settle(message.requestId, message)
  }

  /** An ERROR came for a PUBLISH. */
  error(message: ErrorMessage): void {
    this.#publishing.fail(message.requestId, this.errors.fromMessage(message))
  }
}

function wireOptions(options: PublishOptions): Dict {
  const wire = spellOut(options.extra, options, ['acknowledge', 'excludeMe', 'discloseMe', 'retain', 'rkey'])
  for (const name of ['eligible', 'exclude'] as const) {
    const { sessions, authids, authroles } = options[name] ?? {}
    if (sessions !== undefined) wire[name] = sessions
    if (authids !== undefined) wire[`${name}_authid`] = authids
    if (authroles !== undefined) wire[`${name}_authrole`] = authroles
  }
  return wire
}
