/** What each library does otherwise than the checks expect, and we cannot help. */
import type { SerializerName } from '../../src/index.js'

type Role = 'caller' | 'callee' | 'publisher' | 'subscriber'

/** Checks that are skipped, and why. */
export interface Deviation {
  readonly reason: string
  /** The roles in which the library deviates; `client` where it deals with the router alone. */
  readonly as: readonly (Role | 'client')[]
  /** The checks, by what stands at the end of their titles. */
  readonly checks: readonly string[]
  /** With which serializers; with any by default. */
  readonly over?: readonly SerializerName[]
}

const ALL_ROLES: readonly Role[] = ['caller', 'callee', 'publisher', 'subscriber']
const INTERRUPTING = [
  'and interrupts it',
  'and leaves, which interrupts it',
  'which times out, and is interrupted',
]
const REROUTED = ['whose callee is not available, and reaches another', 'of which no callee is available']
const PASSTHRU = ['in passthru mode, as CBOR', 'in passthru mode, as MessagePack']

export const DEVIATIONS: Readonly<Record<string, readonly Deviation[]>> = {
  'autobahn-js': [
    {
      reason: 'autobahn-js announces no call_canceling as a callee, without which a router must not stream',
      as: ['callee'],
      checks: ['for progressive results', ...INTERRUPTING],
    },
    {
      reason: 'autobahn-js closes the connection on the ERROR that answers a CANCEL in any mode but kill',
      as: ['caller'],
      checks: ['and cancels it, by killnowait', 'and cancels it, by skip'],
    },
    {
      reason: 'autobahn-js has no call_reroute',
      as: ['callee'],
      checks: REROUTED,
    },
    {
      reason: 'autobahn-js has no payload_passthru_mode',
      as: ALL_ROLES,
      checks: PASSTHRU,
    },
  ],
  'wampy.js': [
    {
      reason: 'wampy.js announces neither progressive_call_results nor call_canceling as a callee',
      as: ['callee'],
      checks: ['for progressive results', ...INTERRUPTING],
    },
    {
      reason: 'wampy.js has payload_passthru_mode',
      as: ['callee'],
      checks: ['in passthru mode, which it cannot read'],
    },
    {
      reason: 'wampy.js has no call_reroute',
      as: ['callee'],
      checks: REROUTED,
    },
    {
      reason: 'wampy.js drops the option disclose_caller',
      as: ['callee'],
      checks: ['that asks who calls'],
    },
    {
      reason: 'wampy.js drops the option exclude_me where it is false, its only useful value',
      as: ['publisher'],
      checks: ['and gets its own event only if it asks'],
    },
    {
      reason: 'wampy.js drops the option retain',
      as: ['publisher'],
      checks: [
        'which comes late, and asks for the retained event',
        'which asks for the retained events of a prefix',
        'which asks for the retained event, and gets the newest that it may have',
      ],
    },
    {
      reason: 'wampy.js refuses a list of nobody',
      as: ['publisher'],
      checks: ['and to nobody at all'],
    },
    {
      reason: 'wampy.js cannot send or read binary in JSON, which passthru mode needs there',
      as: ALL_ROLES,
      over: ['json'],
      checks: PASSTHRU,
    },
    {
      reason: 'wampy.js gives its user 64-bit integers of MessagePack as BigInt',
      as: ['caller', 'subscriber'],
      over: ['msgpack'],
      checks: ['with integers of up to 53 bits'],
    },
  ],
  'Python autobahn': [
    {
      reason: 'Python autobahn has no option disclose_me: it leaves that to the configuration of its router',
      as: ['caller', 'publisher'],
      checks: ['and discloses itself'],
    },
    {
      reason: 'Python autobahn has no option disclose_caller',
      as: ['callee'],
      checks: ['that asks who calls'],
    },
    {
      reason: 'Python autobahn cancels without a mode',
      as: ['caller'],
      checks: ['and cancels it, by skip'],
    },
    {
      reason: 'Python autobahn has no call_reroute',
      as: ['callee'],
      checks: REROUTED,
    },
    {
      reason: 'Python autobahn has no payload_passthru_mode, but the payload_transparency that was before it',
      as: ALL_ROLES,
      checks: PASSTHRU,
    },
    {
      reason: 'Python autobahn announces subscription_revocation, and fails its connection when it is used',
      as: ['client'],
      checks: ['loses a subscription that is taken from it, and goes on'],
    },
  ],
}
