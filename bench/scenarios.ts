import { clients } from './scenarios/clients.js'
import { fanOut } from './scenarios/fan-out.js'
import { growth } from './scenarios/growth.js'
import { idle } from './scenarios/idle.js'
import { latency } from './scenarios/latency.js'
import { patterns } from './scenarios/patterns.js'
import { rpc } from './scenarios/rpc.js'
import type { Scenario } from './scenarios/scenario.js'
import { serializers } from './scenarios/serializers.js'

const SHAPES = [
  { callers: 1, inFlight: 1 },
  { callers: 1, inFlight: 64 },
  { callers: 32, inFlight: 1 },
] as const

const SIZES = [16, 1024, 65_536] as const

/** Those of the RPC scenarios that a quick run has: the ones that targets speak of. */
const QUICK_RPC = [
  'rpc-json-16-1',
  'rpc-json-16-64',
  'rpc-json-16-32x1',
  'rpc-json-1K-64',
  'rpc-json-64K-64',
  'rpc-msgpack-16-64',
]

const calls = (['json', 'msgpack', 'cbor'] as const).flatMap((format) =>
  SIZES.flatMap((size) => SHAPES.map((shape) => rpc(format, { ...shape, size }))),
)

/** Everything that is measured, in this order. */
export const scenarios: readonly Scenario[] = [
  ...calls.map((scenario) => ({ ...scenario, isQuick: QUICK_RPC.includes(scenario.id) })),
  latency(2000, true),
  fanOut(1, 16, 16),
  fanOut(10, 16, 16),
  fanOut(100, 16, 16, true),
  fanOut(100, 16, 1024),
  fanOut(1000, 2, 16, true),
  serializers(16),
  serializers(1024),
  patterns('call', 10_000, true),
  patterns('event', 10_000),
  growth('registrations', [1000, 10_000, 100_000]),
  growth('subscriptions', [1000, 10_000, 100_000], [10_000]),
  idle(10_000, 500, true),
  clients('caller', 64, true),
  clients('caller', 1),
  clients('callee', 64),
  clients('subscriber', 64),
]

/** Those that are named, by an id or by the beginning of several; all, if nothing is. */
export function choose(words: readonly string[], isQuick: boolean): readonly Scenario[] {
  const isId = (word: string) => scenarios.some(({ id }) => id === word)
  return scenarios.filter(({ id, isQuick: inQuick }) => {
    if (words.includes(id)) return true
    const isChosen = words.length === 0 || words.some((word) => id.startsWith(word) && !isId(word))
    return isChosen && (!isQuick || inQuick)
  })
}
