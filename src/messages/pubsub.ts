/** The messages of publish and subscribe. Spec: rfc/text/basic/publish_subscribe.md. */
import * as Code from './code.js'
import type { EventDetails, PublishOptions, RevocationDetails, SubscribeOptions } from './dictionaries.js'
import { Payload } from './payload.js'

/** `[PUBLISH, Request|id, Options|dict, Topic|uri, Arguments|list, ArgumentsKw|dict]` */
export class Publish {
  constructor(
    readonly requestId: number,
    readonly options: PublishOptions,
    readonly topic: string,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.PUBLISH
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options, this.topic]
  }
}

/** `[PUBLISHED, PUBLISH.Request|id, Publication|id]` */
export class Published {
  constructor(
    readonly requestId: number,
    readonly publicationId: number,
  ) {}
  get code() {
    return Code.PUBLISHED
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.publicationId]
  }
}

/** `[SUBSCRIBE, Request|id, Options|dict, Topic|uri]` */
export class Subscribe {
  constructor(
    readonly requestId: number,
    readonly options: SubscribeOptions,
    readonly topic: string,
  ) {}
  get code() {
    return Code.SUBSCRIBE
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options, this.topic]
  }
}

/** `[SUBSCRIBED, SUBSCRIBE.Request|id, Subscription|id]` */
export class Subscribed {
  constructor(
    readonly requestId: number,
    readonly subscriptionId: number,
  ) {}
  get code() {
    return Code.SUBSCRIBED
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.subscriptionId]
  }
}

/** `[UNSUBSCRIBE, Request|id, SUBSCRIBED.Subscription|id]` */
export class Unsubscribe {
  constructor(
    readonly requestId: number,
    readonly subscriptionId: number,
  ) {}
  get code() {
    return Code.UNSUBSCRIBE
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.subscriptionId]
  }
}

/**
 * `[UNSUBSCRIBED, UNSUBSCRIBE.Request|id]`, or, when a router revokes a subscription,
 * `[UNSUBSCRIBED, 0, Details|dict]` (rfc/text/advanced/pubsub_subscription_revocation.md).
 */
export class Unsubscribed {
  constructor(
    readonly requestId: number,
    readonly details?: RevocationDetails,
  ) {}
  get code() {
    return Code.UNSUBSCRIBED
  }
  head(): unknown[] {
    return this.details === undefined
      ? [this.code, this.requestId]
      : [this.code, this.requestId, this.details]
  }
}

/**
 * `[EVENT, SUBSCRIBED.Subscription|id, PUBLISHED.Publication|id, Details|dict, PUBLISH.Arguments|list,
 * PUBLISH.ArgumentsKw|dict]`
 */
export class EventMessage {
  constructor(
    readonly subscriptionId: number,
    readonly publicationId: number,
    readonly details: EventDetails,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.EVENT
  }
  head(): unknown[] {
    return [this.code, this.subscriptionId, this.publicationId, this.details]
  }
}

/** `[EVENT_RECEIVED, EVENT.Publication|id]`, provisional: see `codes.ts`. */
export class EventReceived {
  constructor(readonly publicationId: number) {}
  get code() {
    return Code.EVENT_RECEIVED
  }
  head(): unknown[] {
    return [this.code, this.publicationId]
  }
}
