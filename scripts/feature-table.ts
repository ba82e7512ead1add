/**
 * The README's table of features, made from the table in the code: `npx tsx scripts/feature-table.ts` writes it. A test
 * holds that what stands in the README is this.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FEATURES, type Feature } from '../src/roles/feature-table.js'
import type { Role } from '../src/sessions/features.js'

/** What a row says besides. */
const NOTES: { readonly [Name in Feature]?: string } = {
  call_timeout: 'in milliseconds; kept by the router, or by a callee that asks for it',
  call_canceling: '`skip`, `kill` and `killnowait`, the default',
  call_trustlevels: 'by rules of the router',
  sharded_registration: '`runmode: partition` by `rkey`; the spec leaves `all` open',
  shared_registration: 'all five policies',
  shareded_subscriptions: 'the same, as its section spells it',
  publication_trustlevels: 'by rules of the router',
  event_history: 'in memory, or on disk; every filter',
  event_retention: 'in memory, or on disk',
  session_meta_api: 'with the `kill` procedures',
  testament_meta_api: 'both scopes',
  payload_passthru_mode: 'keys carried, rules enforced, payload untouched',
}

/** Features of the spec that nobody has here, and why. */
const MISSING: readonly (readonly [feature: string, why: string])[] = [
  ['`reflection` of procedures, topics and errors', 'not yet; a sketch in the spec'],
  ['Remote attestation, trustroots and certificates of `cryptosign`', 'not yet'],
  ['Multiplexed transport', 'no: the spec has a concept and no transport'],
  ['End-to-end encryption', 'no: the spec has an empty section; passthru mode carries what you encrypt'],
  ['Router-to-router links', 'no: the spec says “write me”'],
  ['Interface catalogs and IDL', 'no: sketches in the spec'],
  ['Session resumption', 'no: not in the spec'],
]

const METHODS =
  '`anonymous`, `ticket`, `wampcra`, `wamp-scram`, `cryptosign`, by client certificate, by cookie'

const COLUMNS: readonly (readonly [heading: string, roles: readonly Role[]])[] = [
  ['caller', ['caller']],
  ['callee', ['callee']],
  ['publisher', ['publisher']],
  ['subscriber', ['subscriber']],
  ['router', ['broker', 'dealer']],
]

export function featureTable(): string {
  const offered = (Object.keys(FEATURES) as Feature[]).map((feature) => {
    const roles: readonly Role[] = FEATURES[feature]
    const cells = COLUMNS.map(([, columns]) => (columns.some((role) => roles.includes(role)) ? 'yes' : ''))
    return row([`\`${feature}\``, ...cells, NOTES[feature] ?? ''])
  })
  return [
    row(['feature', ...COLUMNS.map(([heading]) => heading), '']),
    row(['---', ...COLUMNS.map(() => '---'), '---']),
    row([
      'basic profile',
      ...COLUMNS.map(() => 'yes'),
      'JSON, MessagePack, CBOR; over every transport below',
    ]),
    ...offered,
    row(['authentication', 'yes', 'yes', 'yes', 'yes', 'yes', METHODS]),
    ...MISSING.map(([feature, why]) => row([feature, ...COLUMNS.map(() => ''), why])),
  ].join('\n')
}

/** The page with the table put between its marks. */
export function withTable(page: string): string {
  return page.replace(
    /(<!-- features -->\n)[\s\S]*?(<!-- \/features -->)/,
    (_, begin: string, end: string) => `${begin}${featureTable()}\n${end}`,
  )
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`.replace(/ {2}(?=\|)/g, ' ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(resolve(import.meta.dirname, '..'), 'README.md')
  writeFileSync(path, withTable(readFileSync(path, 'utf8')))
}
