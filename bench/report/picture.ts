import { ratio } from '../measuring/windows.js'
import { peers } from '../peers.js'
import type { ScenarioResult } from './results.js'
import { figure } from './text.js'

/** The scenarios of the picture, which all have the relay for comparison. */
const SHOWN = [
  'rpc-json-16-64',
  'rpc-json-1K-64',
  'rpc-json-64K-64',
  'rpc-msgpack-16-64',
  'rpc-json-16-32x1',
  'rpc-json-16-1',
  'events-1',
  'events-10',
  'events-100',
  'events-1000',
]

/** Colours that are told apart by everybody, and on a dark page. */
const MARKS = [
  { ...peers.wampkit, colour: '#0072b2', radius: 7 },
  { ...peers['wampkit-rawsocket'], colour: '#56b4e9', radius: 5 },
  { ...peers.ws, colour: '#555555', radius: 5 },
  { ...peers['fox-wamp'], colour: '#d55e00', radius: 5 },
  { ...peers['socket.io'], colour: '#cc79a7', radius: 5 },
  { ...peers.nats, colour: '#009e73', radius: 5 },
  { ...peers.tcp, colour: '#b8a000', radius: 5 },
] as const

const LEFT = 300
const RIGHT = 40
const WIDTH = 900
const TOP = 92
const ROW = 34
const LEAST = 0.02
const MOST = 5
const LINES = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

/** Where a ratio stands: the scale is logarithmic. */
function place(value: number): number {
  const share = Math.log(Math.min(MOST, Math.max(LEAST, value)) / LEAST) / Math.log(MOST / LEAST)
  return LEFT + share * (WIDTH - LEFT - RIGHT)
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y}" ${more}>${escaped(content)}</text>`

/** The CPU time of each peer for a message, as a multiple of the plain `ws` relay's: further left is better. */
export function picture(results: readonly ScenarioResult[]): string {
  const shown = SHOWN.flatMap((id) =>
    results.filter((result) => result.id === id && result.kind === 'windows'),
  )
  const height = TOP + shown.length * ROW + 46
  const bottom = TOP + shown.length * ROW
  const lines = LINES.map((value) => {
    const x = place(value).toFixed(1)
    const colour = value === 1 ? '#555555' : '#dddddd'
    return (
      `<line x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}" stroke="${colour}"/>` +
      text(place(value), bottom + 18, `${value} ×`, 'text-anchor="middle" fill="#555555"')
    )
  })
  const rows = shown.flatMap((result, index) => {
    const y = TOP + index * ROW + ROW / 2
    return [text(LEFT - 14, y + 4, result.title, 'text-anchor="end"'), ...marksOf(result, y)]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(16, 26, 'CPU time for a routed call or a delivered event', 'font-size="16" font-weight="bold"'),
    text(
      16,
      46,
      'as a multiple of a plain ws relay that routes nothing; further left is better',
      'fill="#555555"',
    ),
    ...legend(shown),
    ...lines,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

function legend(shown: readonly ScenarioResult[]): string[] {
  const present = MARKS.filter(({ label }) =>
    shown.some(({ rows }) => rows.some((row) => row.label === label && row.failure === undefined)),
  )
  let x = 16
  return present.map(({ label, colour }) => {
    const mark = `<circle cx="${x + 5}" cy="66" r="5" fill="${colour}"/>${text(x + 15, 70, label)}`
    x += 34 + label.length * 6.2
    return mark
  })
}

function marksOf(result: ScenarioResult, y: number): string[] {
  if (result.kind !== 'windows') return []
  const cpuOf = (label: string) => result.rows.find((row) => row.label === label)?.cpu ?? []
  // Ours is drawn last, so that nothing covers it.
  return [...MARKS].reverse().flatMap(({ label, colour, radius }) => {
    const value = ratio(cpuOf(label), cpuOf(result.baseline))
    if (!Number.isFinite(value)) return []
    const title = `<title>${escaped(label)}: ${figure(value)}</title>`
    return [
      `<circle cx="${place(value).toFixed(1)}" cy="${y}" r="${radius}" fill="${colour}">${title}</circle>`,
    ]
  })
}
