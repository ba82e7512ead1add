/**
 * What our router and our client cost, beside others, measured in one run.
 *
 *     npm run bench                             everything
 *     npm run bench -- rpc --quick              the scenarios whose ids begin with `rpc`, in little time
 *     npm run bench -- rpc-json-16-64 --check   one scenario; fails if its target is not met
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chooseCores } from './measuring/cores.js'
import { isPeerName, type Peer, type PeerName, peers } from './peers.js'
import { build, install } from './preparation.js'
import { picture } from './report/picture.js'
import type { Results, ScenarioResult } from './report/results.js'
import { closingText, scenarioText } from './report/text.js'
import type { Bench } from './scenarios/scenario.js'
import { choose, scenarios } from './scenarios.js'
import { judge } from './targets.js'

const HELP = `npm run bench -- [scenario…] [option…]

  scenario      an id, or the beginning of several; all are run if there is none
  --quick       fewer scenarios, short windows
  --check       exit code 1 if a target is not met
  --list        print the scenarios, and run nothing
  --peers       those that are measured, such as wampkit,ws
  --rounds      windows of each peer
  --window      their length in milliseconds
  --warm-up     work before the first of them, in milliseconds
  --out         where results are written; bench/results by default
  --as-is       build nothing and install nothing
`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    'as-is': { type: 'boolean', default: false },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    window: { type: 'string' },
    'warm-up': { type: 'string' },
    out: { type: 'string', default: resolve(import.meta.dirname, 'results') },
  },
})

/** No target speaks of them. */
const NOT_IN_QUICK = ['wampkit-rawsocket', 'tcp']

const leftOut: string[] = []
const leaveOut = (what: string) => void leftOut.push(what)

function numberOption(given: string | undefined, byDefault: number): number {
  const value = given === undefined ? byDefault : Number(given)
  if (value > 0) return value
  throw new Error(`${given} is not a number above 0`)
}

/** The peers that were asked for, as far as they are there. */
function availablePeers(): readonly PeerName[] {
  const names =
    options.peers?.split(',') ??
    Object.keys(peers).filter((name) => !options.quick || !NOT_IN_QUICK.includes(name))
  return names.filter((name): name is PeerName => {
    if (!isPeerName(name)) throw new Error(`there is no peer ${name}, but ${Object.keys(peers).join(', ')}`)
    const { needs, label }: Peer = peers[name]
    if (needs === undefined || needs.isThere()) return true
    leaveOut(`${label}: ${needs.missing}`)
    return false
  })
}

function hasBufferutil(): boolean {
  try {
    import.meta.resolve('bufferutil')
    return true
  } catch {
    return false
  }
}

async function main(): Promise<number> {
  if (options.help) return print(HELP)
  if (options.list)
    return print(`${scenarios.map(({ id, title }) => `${id.padEnd(24)}  ${title}`).join('\n')}\n`)
  const chosen = choose(positionals, options.quick)
  if (chosen.length === 0) throw new Error(`no scenario begins with ${positionals.join(' or ')}: see --list`)
  if (!options['as-is']) {
    build()
    install(leaveOut)
  }
  const bench: Bench = {
    cores: chooseCores(leaveOut),
    nodeOptions: [],
    windows: {
      rounds: numberOption(options.rounds, options.quick ? 3 : 5),
      window: numberOption(options.window, options.quick ? 80 : 300),
      warmUp: numberOption(options['warm-up'], options.quick ? 150 : 500),
    },
    isQuick: options.quick,
    peers: availablePeers(),
  }
  const results: ScenarioResult[] = []
  for (const scenario of chosen) {
    const result = await scenario.run(bench)
    results.push(result)
    print(`${scenarioText(result)}\n`)
  }
  return conclude(bench, results)
}

function conclude({ cores, windows, isQuick }: Bench, scenarios: readonly ScenarioResult[]): number {
  const [{ model = 'unknown' } = {}] = cpus()
  const results: Results = {
    when: new Date().toISOString(),
    machine: {
      node: process.version,
      cpu: model,
      cores: cpus().length,
      bound: cores !== undefined,
      bufferutil: hasBufferutil(),
    },
    windows,
    quick: isQuick,
    leftOut,
    scenarios,
    targets: judge(scenarios),
  }
  print(closingText(results))
  const file = join(options.out, results.when.replace(/\W/g, '-'))
  mkdirSync(options.out, { recursive: true })
  writeFileSync(`${file}.json`, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(`${file}.svg`, picture(scenarios))
  print(`\n${file}.json\n${file}.svg\n`)
  return options.check && results.targets.some(({ verdict }) => verdict === 'not met') ? 1 : 0
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
