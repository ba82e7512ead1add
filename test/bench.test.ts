import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FrameTemplate } from '../bench/generator/frame-template.js'
import { Histogram } from '../bench/generator/histogram.js'
import { messageIds } from '../bench/generator/message-ids.js'
import { serializers } from '../bench/generator/raw-session.js'
import { ratio } from '../bench/measuring/windows.js'
import { summarize } from '../bench/profiling/cpu-profile.js'
import { blocksFilled } from '../bench/report/markdown.js'
import type { Results } from '../bench/report/results.js'
import { judge } from '../bench/targets.js'
import { Payload } from '../src/messages/payload.js'
import { Call } from '../src/messages/rpc.js'

const ROOT = resolve(import.meta.dirname, '..')
const built = existsSync(join(ROOT, 'dist/router.js'))
const out = mkdtempSync(join(tmpdir(), 'wampkit-bench-'))

afterAll(() => rmSync(out, { recursive: true, force: true }))

/** Runs the benchmarks with nothing in the PATH: no `taskset` and no `nats-server`. */
async function bench(
  ...parameters: string[]
): Promise<{ code: number | null; said: string; complained: string }> {
  const file = join(ROOT, 'bench/main.ts')
  const options = ['--conditions=wampkit-source', '--import', 'tsx', file, ...parameters, '--out', out]
  const child = spawn(process.execPath, options, { cwd: ROOT, env: { ...process.env, PATH: '' } })
  let said = ''
  let complained = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  child.stderr.on('data', (text) => {
    complained += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said, complained }
}

const TINY = ['--quick', '--as-is', '--rounds', '1', '--window', '10', '--warm-up', '10']

/** Milliseconds, on a busy machine: a dozen processes are started, one after the other. */
const BUSY = 60_000

// `npm test` builds first; by itself this file needs `npm run build`.
describe.skipIf(!built && !process.env.CI)('the benchmarks', () => {
  it(
    'print a table of every scenario that was chosen, and write it as JSON and as a picture',
    async () => {
      const { code, said, complained } = await bench(
        'rpc-json-16-64',
        'rpc-msgpack-16',
        'latency-2000',
        'events-100',
        '--peers',
        'wampkit,wampkit-rawsocket,ws,tcp,nats',
        ...TINY,
      )
      expect({ code, complained }).toEqual({ code: 0, complained: '' })
      const figures = String.raw`( +[\d.,]+){5} +\d+ %$`
      for (const row of [
        'wampkit',
        'wampkit, RawSocket',
        'plain ws relay',
        String.raw`TCP relay \(the floor\)`,
      ])
        expect(said).toMatch(new RegExp(`^${row}${figures}`, 'm'))
      expect(said).not.toContain('failed')
      expect(said).toContain('Left out: binding to cores')
      expect(said).toContain('Left out: nats-server')

      const file = join(out, readdirSync(out).find((name) => name.endsWith('.json')) ?? '')
      const results = JSON.parse(readFileSync(file, 'utf8')) as Results
      expect(results.scenarios.map(({ id, rows }) => [id, rows.length])).toEqual([
        ['rpc-json-16-64', 4],
        ['rpc-msgpack-16-64', 3],
        ['latency-2000', 4],
        ['events-100', 4],
      ])
      const paced = results.scenarios.find(({ id }) => id === 'latency-2000')
      for (const { perSecond } of paced?.kind === 'windows' ? paced.rows : [])
        expect(perSecond).toBeLessThan(3000)
      const verdicts = results.targets.map(({ target, verdict }) => [target, verdict])
      expect(verdicts).toContainEqual(['events to 100 subscribers, of `nats-server`', 'not measured'])
      expect(verdicts.filter(([, verdict]) => verdict !== 'not measured').length).toBe(5)
      expect(readFileSync(file.replace('.json', '.svg'), 'utf8')).toMatch(
        /<svg [\s\S]*wampkit: [\d.]+[\s\S]*<\/svg>/,
      )
    },
    BUSY,
  )

  it('say which peers there are when they are asked for another one', async () => {
    const complained = expect.stringContaining('wampkit-rawsocket')
    expect(await bench('--peers', 'crossbar', '--as-is')).toMatchObject({ code: 2, complained })
  })
})

describe('the generator', () => {
  it.each(['json', 'msgpack', 'cbor'] as const)('finds and writes request ids in %s', (format) => {
    const ids = messageIds(format)
    for (const id of [1, 23, 24, 127, 128, 255, 256, 65_535, 65_536, 4_000_000_000]) {
      const call = new Call(id, {}, 'com.example.echo', new Payload(['x'.repeat(300)]))
      const octets = Buffer.from(serializers[format].encode(call))
      ids.scan(octets, 0)
      expect({ code: ids.code, id: ids.value(octets) }).toEqual({ code: 48, id })

      const { prefix, tail } = new FrameTemplate(serializers[format].encode(new Call(1, {}, 'a.b')), ids)
      const written = Buffer.concat([prefix, ids.scratch.subarray(0, ids.write(id)), tail])
      expect(serializers[format].decode(written)).toMatchObject({ requestId: id, procedure: 'a.b' })
    }
  })

  it('knows how long things took to within 3 %', () => {
    const histogram = new Histogram()
    for (let microseconds = 1; microseconds <= 10_000; microseconds++) histogram.record(microseconds)
    for (const [share, expected] of [
      [0.5, 5000],
      [0.99, 9900],
    ] as const) {
      const error = Math.abs(histogram.percentile(share) / expected - 1)
      expect(error).toBeLessThan(0.03)
    }
  })
})

describe('the judgement', () => {
  const row = (label: string, ...cpu: number[]) => ({
    label,
    cpu,
    perSecond: 1,
    p50: cpu,
    p99: cpu,
    generator: 0,
  })
  const verdictAt = (cpu: number) => {
    const rows = [row('wampkit', cpu), row('plain ws relay', 10)]
    return judge([{ kind: 'windows', id: 'rpc-json-1K-64', title: '', unit: 'call', baseline: '', rows }])
  }

  it('compares within each round, whatever the rounds were like', () => {
    expect(ratio([2, 40, 6], [4, 80, 12])).toBe(0.5)
    expect(ratio([], [1])).toBeNaN()
  })

  it('allows a ratio to miss its target by as much as the noise, and no more', () => {
    expect(verdictAt(5.5)).toMatchObject([{ value: 0.55, verdict: 'met' }])
    expect(verdictAt(6.8)).toMatchObject([{ verdict: 'within noise' }])
    expect(verdictAt(6.9)).toMatchObject([{ verdict: 'not met' }])
  })

  it('speaks only of what was run', () => {
    expect(judge([])).toEqual([])
  })
})

describe('profiles and pages', () => {
  it('a summary tells self time by function and by file, idle time left out', () => {
    const frame = (id: number, functionName: string, url: string, lineNumber = 0) => ({
      id,
      callFrame: { functionName, url, lineNumber },
    })
    const nodes = [
      frame(1, '(idle)', ''),
      frame(2, 'route', 'file:///p/dist/a.js', 9),
      frame(3, 'writev', ''),
    ]
    const profile = { nodes, samples: [1, 2, 3, 2], timeDeltas: [0, 5000, 3000, 1000] }
    expect(summarize(profile, 'file:///p')).toEqual({
      busy: 4,
      functions: [
        { name: 'route  dist/a.js:10', share: 0.75 },
        { name: 'writev', share: 0.25 },
      ],
      files: [
        { name: 'dist/a.js', share: 0.75 },
        { name: 'writev', share: 0.25 },
      ],
    })
  })

  it('every block of docs/performance.md is one that is made, and making it again changes nothing else', () => {
    const text = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')
    const made: string[] = []
    const make = (name: string) => (argument: string) => {
      made.push(`${name} ${argument}`.trim())
      return 'new'
    }
    const names = ['targets', 'picture', 'results', 'profile']
    const blocks = Object.fromEntries(names.map((name) => [name, make(name)]))
    const filled = blocksFilled(text, blocks)
    expect(made.length).toBe(6)
    expect(blocksFilled(filled, blocks)).toBe(filled)
    expect(() => blocksFilled('<!-- bench: other -->\n<!-- end -->', {})).toThrow('other')
  })
})
