import { ratio } from './measuring/windows.js'
import { peers } from './peers.js'
import type { ScenarioResult, TargetResult, Verdict } from './report/results.js'

interface Target {
  /** The id of the scenario that it speaks of. */
  readonly scenario: string
  readonly target: string
  readonly limit: number
  /** A ratio of two measurements may miss its limit by as much as the machine's noise. */
  readonly isRatio: boolean
  /** What was measured; undefined if it was not. */
  value(results: Find): number | undefined
}

type Find = (id: string) => ScenarioResult | undefined
type Figure = 'cpu' | 'p50' | 'p99'

const NOISE = 1.25

/** How one row of a scenario compares with another one. */
const compared =
  (id: string, label: string, against: string, figure: Figure = 'cpu') =>
  (find: Find): number | undefined => {
    const result = find(id)
    if (result?.kind !== 'windows') return undefined
    const row = (wanted: string) => result.rows.find((one) => one.label === wanted)?.[figure] ?? []
    return known(ratio(row(label), row(against)))
  }

const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? undefined : value)

/** A value of a scenario's row, of the first one whose label begins so. */
const cellOf = (id: string, label: string, column: string) => (find: Find) => {
  const result = find(id)
  if (result?.kind !== 'values') return undefined
  const row = result.rows.find((one) => one.label.startsWith(label))
  return known(row?.values[result.columns.indexOf(column)])
}

const OURS = peers.wampkit.label
const RELAY = peers.ws.label
const FOX = peers['fox-wamp'].label
const NATS = peers.nats.label

const againstRelay = (what: string, id: string, limit: number, figure: Figure = 'cpu'): Target => ({
  scenario: id,
  target: `${what}, of the plain \`ws\` relay`,
  limit,
  isRatio: true,
  value: compared(id, OURS, RELAY, figure),
})

/** From 10,000 to 100,000, each may become dearer as the logarithm of their number grows. */
const grows = (kind: 'registrations' | 'subscriptions', column: string): Target => ({
  scenario: `growth-${kind}`,
  target: `${kind}, ${column}: 100,000 against 10,000`,
  limit: Math.log(100_000) / Math.log(10_000),
  isRatio: true,
  value(find) {
    const many = cellOf(`growth-${kind}`, '100,000', column)(find)
    const few = cellOf(`growth-${kind}`, '10,000', column)(find)
    return many === undefined || few === undefined ? undefined : many / few
  },
})

const GROWING = ['join µs each', 'match µs a message', 'leave µs each']

const ourClient = (against: string): Target => ({
  scenario: 'clients-caller',
  target: `our client as caller, 64 in flight, of \`${against}\``,
  limit: 0.5,
  isRatio: true,
  value: compared('clients-caller', 'wampkit', against),
})

/** What is to be reached. Figures are CPU time where nothing else is said. */
const targets: readonly Target[] = [
  againstRelay('RPC, json, 16 B, 64 in flight', 'rpc-json-16-64', 0.35),
  {
    scenario: 'rpc-json-16-64',
    target: 'RPC, json, 16 B, 64 in flight, of `fox-wamp`',
    limit: 0.25,
    isRatio: true,
    value: compared('rpc-json-16-64', OURS, FOX),
  },
  againstRelay('RPC, json, 1 KiB, 64 in flight', 'rpc-json-1K-64', 0.55),
  againstRelay('RPC, json, 64 KiB, 64 in flight', 'rpc-json-64K-64', 0.8),
  againstRelay('RPC, msgpack, 16 B, 64 in flight', 'rpc-msgpack-16-64', 0.5),
  againstRelay('RPC, json, 16 B, 32 callers', 'rpc-json-16-32x1', 0.75),
  againstRelay('RPC, json, 16 B, 1 in flight', 'rpc-json-16-1', 1.15),
  againstRelay('p50 at 2,000 calls a second', 'latency-2000', 1.15, 'p50'),
  againstRelay('p99 at 2,000 calls a second', 'latency-2000', 1.15, 'p99'),
  againstRelay('events to 100 subscribers', 'events-100', 0.12),
  {
    scenario: 'events-100',
    target: 'events to 100 subscribers, of `nats-server`',
    limit: 1,
    isRatio: true,
    value: compared('events-100', OURS, NATS),
  },
  againstRelay('events to 1,000 subscribers', 'events-1000', 1),
  {
    scenario: 'idle',
    target: 'an idle session, KiB, at best',
    limit: 14,
    isRatio: true,
    value: cellOf('idle', OURS, 'KiB a session'),
  },
  {
    scenario: 'idle',
    target: 'an idle session, KiB, at most',
    limit: 20,
    isRatio: false,
    value: cellOf('idle', OURS, 'KiB a session'),
  },
  {
    scenario: 'patterns-call',
    target: 'a call that one of 10,000 wildcards fits, of one without patterns',
    limit: 3,
    isRatio: false,
    value: compared('patterns-call', '10,000 wildcards, one fits', 'no patterns'),
  },
  {
    scenario: 'growth-subscriptions',
    target: 'leaving with 10,000 subscriptions blocks, ms',
    limit: 50,
    isRatio: false,
    value: cellOf('growth-subscriptions', '10,000', 'leaving blocks ms'),
  },
  ...GROWING.map((column) => grows('registrations', column)),
  ...GROWING.map((column) => grows('subscriptions', column)),
  ourClient('autobahn'),
  ourClient('wampy'),
]

/** What came of the targets that these scenarios are about. */
export function judge(results: readonly ScenarioResult[]): readonly TargetResult[] {
  const find: Find = (id) => results.find((one) => one.id === id)
  return targets
    .filter(({ scenario }) => find(scenario) !== undefined)
    .map(({ target, limit, isRatio, value }) => {
      const measured = value(find)
      return {
        target,
        limit,
        ...(measured === undefined ? {} : { value: measured }),
        verdict: verdict(measured, limit, isRatio),
      }
    })
}

function verdict(value: number | undefined, limit: number, isRatio: boolean): Verdict {
  if (value === undefined) return 'not measured'
  if (value <= limit) return 'met'
  return isRatio && value <= limit * NOISE ? 'within noise' : 'not met'
}
