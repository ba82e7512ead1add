import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { casesOver } from '../every-transport/cases.js'
import { hasIpv6 } from '../every-transport/ipv6.js'
import { FORMATS, type Platform, TRANSPORTS } from '../every-transport/table.js'
import { makeCertificate } from '../transports/certificates.js'
import type { Outcome, Pair } from './outcome.js'
import { Program } from './program.js'
import { BUN, DENO, HOW_TO_INSTALL, isInstalled, NODE_24, type Runtime, THIS_NODE } from './runtimes.js'

const run = promisify(execFile)

const authority = makeCertificate({ name: 'authority' })
const { cert, key } = makeCertificate({ name: 'router', hosts: ['127.0.0.1'], issuer: authority })

/** One of each kind: what is left to each runtime is sockets, TLS and HTTP, and what writes formats is the same everywhere. */
const USUAL: readonly string[] = [
  'message-port json',
  'ws json',
  'wss msgpack',
  'ws-unix json',
  'rs cbor',
  'longpoll json',
]

/** In how many pairs of transport and format the suite is played: `EVERY_PAIR=1` for all that the README's table has. */
const EVERY_PAIR = process.env.EVERY_PAIR === '1'

function pairsOn(platform: Platform): Pair[] {
  return TRANSPORTS.filter(
    ({ id, without }) => without?.[platform] === undefined && (hasIpv6 || !id.endsWith('ipv6')),
  )
    .flatMap(({ id }) => FORMATS.map((format) => ({ transport: id, format })))
    .filter(({ transport, format }) => EVERY_PAIR || USUAL.includes(`${transport} ${format}`))
}

/** What trusts from the start of its process cannot be played in the one of the other tests. */
function pairsOnThisNode(): Pair[] {
  return TRANSPORTS.filter(({ trustsFromStart }) => trustsFromStart === true).flatMap(({ id }) =>
    FORMATS.map((format) => ({ transport: id, format })),
  )
}

let program: Program
beforeAll(async () => {
  program = await Program.make()
  writeFileSync(join(program.folder, 'ca.pem'), authority.cert)
})
afterAll(() => program[Symbol.dispose]())

/** Plays all of `pairs` in one process, and gives what came of them. */
async function play(runtime: Runtime, pairs: readonly Pair[]): Promise<Outcome[]> {
  const { folder, file } = program
  const plan = join(folder, `${runtime.platform}.json`)
  // For its Unix sockets.
  const own = join(folder, runtime.platform.replace(' ', ''))
  mkdirSync(own)
  writeFileSync(plan, JSON.stringify({ ground: { cert, key, ca: authority.cert, folder: own }, pairs }))
  const { stdout } = await run(runtime.executable, [...runtime.args, file, plan], {
    cwd: folder,
    env: { ...process.env, [runtime.authorities]: join(folder, 'ca.pem') },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 100_000,
  })
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Outcome)
}

const played: readonly (readonly [Runtime, readonly Pair[]])[] = [
  [THIS_NODE, pairsOnThisNode()],
  ...[NODE_24, BUN, DENO].map((runtime) => [runtime, pairsOn(runtime.platform)] as const),
]

/** All at once: most of the time each of them waits. */
const playing = new Map<Runtime, Promise<Outcome[]>>()
beforeAll(() => {
  for (const [runtime, pairs] of played) {
    if (!isInstalled(runtime)) continue
    const outcomes = play(runtime, pairs)
    outcomes.catch(() => {})
    playing.set(runtime, outcomes)
  }
})

for (const [runtime, pairs] of played) {
  const isThere = isInstalled(runtime)
  describe.skipIf(!isThere)(
    `in ${runtime.name}${isThere ? '' : `, which is not installed (${HOW_TO_INSTALL})`}`,
    () => {
      let outcomes: readonly Outcome[] = []
      beforeAll(async () => {
        outcomes = (await playing.get(runtime)) ?? []
      }, 120_000)

      it('nothing fails between the cases', () => {
        const names = new Set(pairs.flatMap(({ transport }) => casesOver(transport).map(({ name }) => name)))
        expect(outcomes.filter(({ name }) => !names.has(name))).toEqual([])
      })

      describe.each(pairs)('over $transport in $format', ({ transport, format }) => {
        it.each(casesOver(transport))('$name', ({ name }) => {
          const outcome = outcomes.find(
            (told) => told.transport === transport && told.format === format && told.name === name,
          )
          expect(outcome, 'it did not come to this case').toBeDefined()
          expect(outcome?.error).toBeUndefined()
        })
      })
    },
  )
}
