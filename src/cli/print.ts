/** How results and events look on stdout. */
import type { ReceivedEvent } from '../roles/received-event.js'
import { toBase64 } from '../serializers/json/base64.js'
import { binaryOf, jsonOf } from '../serializers/values.js'

/** How a value is laid out: on one line, or, for people, with this indentation. */
export type Layout = 'line' | 'indented'

/**
 * A value as JSON, as WAMP writes it: binary is a string of `\0` and Base64, an integer has all its digits however
 * many. What JSON has no word for is null.
 */
export function toJson(value: unknown, layout: Layout = 'line'): string {
  return write(value, layout, '\n')
}

/** `margin` is the line break before whatever stands at this depth. */
function write(value: unknown, layout: Layout, margin: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : 'null'
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : writeObject(value, layout, margin)
    default:
      return 'null'
  }
}

function writeObject(object: object, layout: Layout, margin: string): string {
  const binary = binaryOf(object)
  if (binary !== undefined) return JSON.stringify(`\0${toBase64(binary)}`)
  const json = jsonOf(object, undefined)
  if (json !== object) return write(json, layout, margin)
  const inner = `${margin}  `
  const entries = Array.isArray(object)
    ? object.map((item) => write(item, layout, inner))
    : Object.entries(object)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => {
          const colon = layout === 'line' ? ':' : ': '
          return `${JSON.stringify(key)}${colon}${write(item, layout, inner)}`
        })
  const [open, close] = Array.isArray(object) ? '[]' : '{}'
  if (entries.length === 0 || layout === 'line') return `${open}${entries.join(',')}${close}`
  return `${open}${inner}${entries.join(`,${inner}`)}${margin}${close}`
}

/** What a call, or a step of it, resulted in. */
export interface ShownResult {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

export interface ResultStyle {
  /** Always JSON, also for a string or for nothing. */
  readonly json: boolean
  readonly layout: Layout
}

/** What to print of a result: a string as it is, another value as JSON, several as `{args, kwargs}`; maybe nothing. */
export function showResult({ args, kwargs }: ShownResult, { json, layout }: ResultStyle): string | undefined {
  if (args.length > 1 || Object.keys(kwargs).length > 0) return toJson({ args, kwargs }, layout)
  const [value] = args
  if (args.length === 0) return json ? 'null' : undefined
  return typeof value === 'string' && !json ? value : toJson(value, layout)
}

/** An event on one line, much as it would be published: the topic, then the arguments. */
export function showEvent({ topic, args, kwargs }: ReceivedEvent): string {
  const named = Object.entries(kwargs).map(([key, value]) => `${key}=${toJson(value)}`)
  return [topic, ...args.map((value) => toJson(value)), ...named].join(' ')
}

/** An event as one line of JSON; `more` is told first. */
export function eventToJson(event: ReceivedEvent, more: Readonly<Record<string, unknown>> = {}): string {
  const { topic, args, kwargs, publicationId, details } = event
  return toJson({ ...more, topic, args, kwargs, publication: publicationId, details })
}
