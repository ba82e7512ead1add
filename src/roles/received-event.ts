import type { EventDetails } from '../messages/dictionaries.js'
import type { Payload } from '../messages/payload.js'
import { type DisclosedPeer, disclosedPeer } from './identity.js'

/** An event as a subscriber has it. Spec: rfc/text/basic/publish_subscribe.md, "EVENT". */
export class ReceivedEvent {
  constructor(
    /** The topic that was published to; for a pattern subscription not the pattern. */
    readonly topic: string,
    /** The id of the publication: the same one for every subscription of every peer that it reaches. */
    readonly publicationId: number,
    /** The details as the router sent them. */
    readonly details: EventDetails,
    private readonly payload: Payload,
  ) {}

  get args(): readonly unknown[] {
    return this.payload.args
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.payload.kwargs
  }

  /** Was it published before we subscribed? Spec: rfc/text/advanced/pubsub_event_retention.md. */
  get retained(): boolean {
    return this.details.retained === true
  }

  /** Who published it, where the router discloses that. */
  get publisher(): DisclosedPeer | undefined {
    return disclosedPeer(this.details, 'publisher')
  }
}
