/** The checks that every library goes through, whatever it is and whoever is at the other end. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { SerializerName } from '../../src/index.js'
import type { Router } from '../../src/router.js'
import { type Calls, calls, disclosedCalls, payloadCalls, refusedCalls, timedCalls } from './checks/calls.js'
import type { Checks } from './checks/check.js'
import { disclosedEvents, type Events, events, payloadEvents } from './checks/events.js'
import { type Meta, meta } from './checks/meta.js'
import { checkSessions } from './checks/sessions.js'
import { DEVIATIONS, type Deviation } from './deviations.js'
import type { JoinOptions, Peer } from './peer.js'
import { wampkit } from './peers/wampkit.js'
import { ADA, BOB, DISCLOSING_REALM, META_REALM, REALM, type TimedRouter, urlOf } from './router.js'
import { binaryOf, type Side } from './side.js'

/** Those of the checks that do not take long. */
function quick<Context>(checks: Checks<Context>): Checks<Context> {
  return Object.fromEntries(Object.entries(checks).filter(([what]) => !/1 MiB|at once/.test(what)))
}

/** All that a library is checked for over one serializer: alone, with our client and with itself. */
export function checkLibrary(router: Router, timed: TimedRouter, side: Side): void {
  checkSessions(router, side)
  checkMeta(router, side)
  const { serializer } = side
  for (const [a, b] of [
    [side, ours(serializer)],
    [ours(serializer), side],
  ] as const) {
    checkCalls(router, a, b, calls)
    checkEvents(router, a, b, events)
    checkCalls(router, a, b, disclosedCalls, DISCLOSING_REALM)
    checkEvents(router, a, b, disclosedEvents, DISCLOSING_REALM)
    checkCalls(timed.router, a, b, timedCalls(timed.pass))
  }
  checkCalls(router, ours(serializer), side, refusedCalls)
  checkCalls(router, side, side, quick(calls))
  checkEvents(router, side, side, quick(events))
  // What is sent must cross to our client over the other serializers too.
  for (const other of wampkit.serializers.filter((name) => name !== serializer))
    for (const [a, b] of [
      [side, ours(other)],
      [ours(other), side],
    ] as const) {
      checkCalls(router, a, b, quick(payloadCalls))
      checkEvents(router, a, b, quick(payloadEvents))
    }
}

/** What another transport could spoil for a library: sessions, and what is carried both ways. */
export function checkCarriage(router: Router, side: Side): void {
  checkSessions(router, side)
  for (const [a, b] of [
    [side, ours(side.serializer)],
    [ours(side.serializer), side],
  ] as const) {
    checkCalls(router, a, b, calls)
    checkEvents(router, a, b, events)
  }
}

/** What two libraries, each over a serializer of its own, are checked for together. */
export function checkTogether(router: Router, a: Side, b: Side): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    checkCalls(router, from, to, quick(calls))
    checkEvents(router, from, to, quick(events))
  }
}

function checkCalls(
  router: Router,
  caller: Side,
  callee: Side,
  checks: Checks<Calls>,
  realm: string = REALM,
): void {
  const title = `${caller.library.name} calls a procedure of ${callee.library.name} over ${overBoth(caller, callee)}`
  const skipped = [deviating(caller, 'caller'), deviating(callee, 'callee')]
  describeChecks(title, checks, skipped, async () => {
    const [from, to, second, observer] = await Promise.all(
      [caller, callee, callee, ours('json')].map((side) => join(router, side, { realm })),
    )
    const context = {
      caller: from as Peer,
      callee: to as Peer,
      second: second as Peer,
      observer: observer as Peer,
      join: (as: 'caller' | 'callee') => join(router, as === 'caller' ? caller : callee, { realm }),
      binary: binaryOf(caller),
    }
    return { context, peers: [context.caller, context.callee, context.second, context.observer] }
  })
}

function checkEvents(
  router: Router,
  publisher: Side,
  subscriber: Side,
  checks: Checks<Events>,
  realm: string = REALM,
): void {
  const title = `${publisher.library.name} publishes to ${subscriber.library.name} over ${overBoth(publisher, subscriber)}`
  const skipped = [deviating(publisher, 'publisher'), deviating(subscriber, 'subscriber')]
  describeChecks(title, checks, skipped, async () => {
    const [from, to, other] = await Promise.all([
      join(router, publisher, { realm, ticket: ADA }),
      join(router, subscriber, { realm }),
      join(router, ours('json'), { realm, ticket: BOB }),
    ])
    const context = {
      publisher: from,
      subscriber: to,
      other,
      sent: binaryOf(publisher),
      received: binaryOf(subscriber),
    }
    return { context, peers: [from, to, other] }
  })
}

/** What a library learns of a realm that has nobody else in it. */
function checkMeta(router: Router, side: Side): void {
  const { library, serializer } = side
  const title = `${library.name} over ${serializer}`
  describeChecks<Meta>(title, meta, [deviating(side, 'client')], async () => {
    const realm = META_REALM
    const [peer, observer] = await Promise.all([
      join(router, side, { realm }),
      join(router, ours('json'), { realm }),
    ])
    const context = {
      peer,
      observer,
      join: () => join(router, side, { realm }),
      joinOurs: (ticket?: typeof BOB) => join(router, ours('json'), { realm, ...(ticket && { ticket }) }),
    }
    return { context, peers: [peer, observer] }
  })
}

function describeChecks<Context>(
  title: string,
  checks: Checks<Context>,
  skipped: readonly ((check: string) => string | undefined)[],
  open: () => Promise<{ context: Context; peers: readonly Peer[] }>,
): void {
  describe(title, () => {
    let context: Context
    let peers: readonly Peer[]
    /** Fails when a session ends that should not: nobody need wait for it any more. */
    let ended: Promise<never>
    beforeAll(async () => {
      ;({ context, peers } = await open())
      ended = Promise.race(peers.map((peer) => peer.ended)).then((reason) => {
        throw new Error(`a session ended: ${reason}`)
      })
      ended.catch(() => {})
    })
    afterAll(async () => {
      await Promise.all(peers.map((peer) => peer.leave()))
    })
    for (const [what, run] of Object.entries(checks)) {
      const reason = skipped.map((skip) => skip(what)).find(Boolean)
      if (reason !== undefined) it.skip(`${title} ${what} (${reason})`, () => {})
      else it(`${title} ${what}`, () => Promise.race([run(context), ended]))
    }
  })
}

/** Why a check of this side is skipped, if it is. */
function deviating({ library, serializer }: Side, role: Deviation['as'][number]) {
  return (check: string): string | undefined =>
    DEVIATIONS[library.name]?.find(
      ({ checks, as, over = [serializer] }) =>
        as.includes(role) && over.includes(serializer) && checks.includes(check),
    )?.reason
}

function overBoth(a: Side, b: Side): string {
  return a.serializer === b.serializer ? a.serializer : `${a.serializer} and ${b.serializer}`
}

function join(
  router: Router,
  { library, serializer }: Side,
  options: Pick<JoinOptions, 'realm' | 'ticket'>,
): Promise<Peer> {
  return library.join({ url: urlOf(router), serializer, ...options })
}

function ours(serializer: SerializerName): Side {
  return { library: wampkit, serializer }
}
