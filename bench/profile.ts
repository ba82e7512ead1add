/**
 * Where the time of our router goes, or of our client, under one scenario: a CPU profile for Chromium's developer tools or
 * speedscope, and a summary.
 *
 *     npm run bench:profile                       rpc-json-16-64
 *     npm run bench:profile -- events-100 --seconds 10
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chooseCores } from './measuring/cores.js'
import { build } from './preparation.js'
import { type CpuProfile, type SelfTime, summarize } from './profiling/cpu-profile.js'
import { aligned, scenarioText } from './report/text.js'
import { scenarios } from './scenarios.js'

const ROOT = resolve(import.meta.dirname, '..')
const SHOWN = 25
/** Microseconds between two samples. */
const INTERVAL = 200

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    out: { type: 'string', default: join(import.meta.dirname, 'results') },
    'as-is': { type: 'boolean', default: false },
  },
})

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

/** What Node is to load first. */
function profiler(folder: string): string {
  const { href } = pathToFileURL(join(import.meta.dirname, 'profiling/profile-of-work.js'))
  return `${href}?${new URLSearchParams({ folder, interval: String(INTERVAL) })}`
}

function table(heading: string, times: readonly SelfTime[]): string {
  return aligned([
    [heading, 'self'],
    ...times.slice(0, SHOWN).map(({ name, share }) => [name, percent(share)]),
  ])
}

async function main(): Promise<void> {
  const wanted = positionals[0] ?? 'rpc-json-16-64'
  const scenario = scenarios.find(({ id }) => id === wanted)
  if (scenario === undefined) throw new Error(`there is no scenario ${wanted}: see npm run bench -- --list`)
  if (!options['as-is']) build()
  const folder = mkdtempSync(join(tmpdir(), 'wampkit-profile-'))
  try {
    const result = await scenario.run({
      cores: chooseCores((what) => process.stderr.write(`Left out: ${what}.\n`)),
      nodeOptions: ['--import', profiler(folder)],
      windows: { rounds: 1, window: Number(options.seconds) * 1000, warmUp: 500 },
      isQuick: false,
      peers: ['wampkit'],
    })
    process.stdout.write(`${scenarioText(result)}\n`)
    mkdirSync(options.out, { recursive: true })
    // A scenario may have several processes, one for each of its rows.
    for (const [index, name] of readdirSync(folder).sort().entries()) keep(join(folder, name), wanted, index)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function keep(written: string, id: string, index: number): void {
  const file = join(options.out, `profile-${id}${index === 0 ? '' : `-${index + 1}`}`)
  const profile = JSON.parse(readFileSync(written, 'utf8')) as CpuProfile
  copyFileSync(written, `${file}.cpuprofile`)
  const { busy, functions, files } = summarize(profile, pathToFileURL(ROOT).href)
  const summary = { scenario: id, busy, functions: functions.slice(0, SHOWN), files: files.slice(0, SHOWN) }
  writeFileSync(`${file}.json`, `${JSON.stringify(summary, null, 2)}\n`)
  process.stdout.write(
    `${file}.cpuprofile, ${Math.round(busy)} ms of work\n\n${table('function', functions)}\n\n${table('file', files)}\n\n`,
  )
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
