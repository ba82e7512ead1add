/** What a command that stays shows first: where it is, what there is, and what to do next. */
import type { DeclaredRole } from '../roles/decorators.js'
import { optionsFor, type Place, quote } from './connection-options.js'
import type { Terminal } from './terminal.js'

/** A procedure or a topic that is on offer, and the class that declares it. */
export interface Offer {
  readonly role: DeclaredRole
  readonly owner: string
  /** How many arguments the method takes. */
  readonly arity: number
}

/** Rows under a common label, in columns. */
export interface Section {
  readonly label: string
  readonly rows: readonly (readonly string[])[]
}

/** The whole screen: a headline, sections, and the command to try next. */
export function screen(headline: string, sections: readonly Section[], next: string): string {
  const width = Math.max(...sections.map(({ label }) => label.length)) + 1
  // One width for the first column of all sections, so that the eye finds the second one.
  const first = Math.max(...sections.flatMap(({ rows }) => rows.map(([name = '']) => name.length)))
  const lines = sections.flatMap(({ label, rows }) =>
    rows.map(([name = '', ...more], i) =>
      `  ${(i === 0 ? label : '').padEnd(width)}${name.padEnd(first)}  ${more.join('  ')}`.trimEnd(),
    ),
  )
  return ['', `  ${headline}`, ...lines, '', `  try: ${next}`, ''].join('\n')
}

/** Procedures and topics as two sections. */
export function offerSections(offers: readonly Offer[]): Section[] {
  const rows = (kind: DeclaredRole['role']) =>
    offers.filter(({ role }) => role.role === kind).map(({ role, owner }) => [describe(role), owner])
  const orNone = (some: string[][]) => (some.length === 0 ? [['none declared']] : some)
  return [
    { label: 'procedures', rows: orNone(rows('callee')) },
    { label: 'topics', rows: orNone(rows('subscriber')) },
  ]
}

export function uriOf(role: DeclaredRole): string {
  return role.role === 'callee' ? role.procedure : role.topic
}

function describe(role: DeclaredRole): string {
  const { match, invoke } = { invoke: undefined, ...role.options }
  const remarks = [match === 'exact' ? undefined : match, invoke === 'single' ? undefined : invoke].filter(
    (remark) => remark !== undefined,
  )
  return remarks.length === 0 ? uriOf(role) : `${uriOf(role)} (${remarks.join(', ')})`
}

/** A command that does something with what is on offer: preferably a call that needs no argument. */
export function tryOffer(offers: readonly Offer[], place: Place, terminal: Terminal): string {
  const callees = offers.filter(({ role }) => role.role === 'callee')
  const exact = callees.filter(({ role }) => (role.options.match ?? 'exact') === 'exact')
  const offer = exact.find(({ arity }) => arity === 0) ?? exact[0] ?? callees[0] ?? offers[0]
  if (offer === undefined) return trySubscribing(place, terminal)
  const { role, arity } = offer
  const verb = role.role === 'callee' ? 'call' : 'publish'
  const args = Array.from({ length: arity }, (_, i) => ` ${i + 2}`).join('')
  return `npx wampkit ${verb} ${quote(completed(role))}${args}${optionsFor(place, terminal)}`
}

export function trySubscribing(place: Place, terminal: Terminal): string {
  return `npx wampkit subscribe com.example.hello${optionsFor(place, terminal)}`
}

/** A URI that the pattern of a role matches. */
export function completed(role: DeclaredRole): string {
  const uri = uriOf(role)
  if (role.options.match === undefined || role.options.match === 'exact') return uri
  return uri
    .split('.')
    .map((component) => component || 'x')
    .join('.')
}
