/** What each library does otherwise than the checks expect, and we cannot help. */
import type { SerializerName } from '../../src/index.js'

/** Checks that are skipped, and why. */
export interface Deviation {
  readonly reason: string
  /** The role in which the library deviates. */
  readonly as: 'caller' | 'callee' | 'publisher' | 'subscriber'
  /** The checks, by what stands at the end of their titles. */
  readonly checks: readonly string[]
  /** With which serializers; with any by default. */
  readonly over?: readonly SerializerName[]
}

export const DEVIATIONS: Readonly<Record<string, readonly Deviation[]>> = {
  'autobahn-js': [
    {
      reason: 'autobahn-js announces no call_canceling as a callee, without which a router must not stream',
      as: 'callee',
      checks: ['for progressive results', 'and interrupts it'],
    },
    {
      reason: 'autobahn-js closes the connection on the ERROR that answers a CANCEL in any mode but kill',
      as: 'caller',
      checks: ['and cancels it, by killnowait'],
    },
  ],
  'wampy.js': [
    {
      reason: 'wampy.js announces neither progressive_call_results nor call_canceling as a callee',
      as: 'callee',
      checks: ['for progressive results', 'and interrupts it'],
    },
    {
      reason: 'wampy.js drops the option disclose_caller',
      as: 'callee',
      checks: ['that asks who calls'],
    },
    {
      reason: 'wampy.js drops the option exclude_me where it is false, its only useful value',
      as: 'publisher',
      checks: ['and gets its own event only if it asks'],
    },
    {
      reason: 'wampy.js gives its user 64-bit integers of MessagePack as BigInt',
      as: 'caller',
      over: ['msgpack'],
      checks: ['with integers of up to 53 bits'],
    },
    {
      reason: 'wampy.js gives its user 64-bit integers of MessagePack as BigInt',
      as: 'subscriber',
      over: ['msgpack'],
      checks: ['with integers of up to 53 bits'],
    },
  ],
  'Python autobahn': [
    {
      reason: 'Python autobahn has no option disclose_me: it leaves that to the configuration of its router',
      as: 'caller',
      checks: ['and discloses itself'],
    },
    {
      reason: 'Python autobahn has no option disclose_me: it leaves that to the configuration of its router',
      as: 'publisher',
      checks: ['and discloses itself'],
    },
    {
      reason: 'Python autobahn has no option disclose_caller',
      as: 'callee',
      checks: ['that asks who calls'],
    },
  ],
}
