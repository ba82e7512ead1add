/** What stands on the command line, as values. */
import { InvalidArgumentError } from 'commander'
import { JsonReader } from '../serializers/json/reader.js'
import { isUri, isUriPattern, type MatchPolicy } from '../uris.js'

/** Deeper than any message may nest: what is too deep is refused where it is sent, with the reason. */
const DEEPEST = 1000

/** The value that a text stands for: what it is as JSON (as WAMP reads JSON), or else the text itself. */
export function parseValue(text: string): unknown {
  try {
    return new JsonReader(DEEPEST).read(text)
  } catch {
    return text
  }
}

/** Adds a `KEY=VALUE` to the keyword arguments before it. */
export function addKeyword(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('It must be KEY=VALUE.')
  return { ...before, [text.slice(0, equals)]: parseValue(text.slice(equals + 1)) }
}

const KEYWORD = /^[A-Za-z_][\w.-]*=/

/** Lets one `--kw` stand before several `KEY=VALUE`: gives each of them its own. */
export function spreadKeywords(argv: readonly string[]): string[] {
  const spread: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') return [...spread, ...argv.slice(i)]
    const isFurther = spread.at(-2) === '--kw' && KEYWORD.test(word)
    spread.push(...(isFurther ? ['--kw', word] : [word]))
  }
  return spread
}

/** The URI of a procedure or of a topic. */
export function parseUri(text: string): string {
  if (isUri(text)) return text
  throw new InvalidArgumentError('It must be a URI such as com.example.name.')
}

/** A topic, or a pattern of topics. */
export interface TopicPattern {
  readonly topic: string
  readonly match: MatchPolicy
}

const TOPIC_AND_MATCH = /^(.*):([a-z]+)$/s

/** `TOPIC`, or `TOPIC:MATCH`. */
export function parseTopicPattern(text: string): TopicPattern {
  const [, topic = text, match = 'exact'] = TOPIC_AND_MATCH.exec(text) ?? []
  if (match !== 'exact' && match !== 'prefix' && match !== 'wildcard')
    throw new InvalidArgumentError(`Behind the colon stands exact, prefix or wildcard, not ${match}.`)
  if (!isUriPattern(topic, match))
    throw new InvalidArgumentError(`${JSON.stringify(topic)} is no URI (${match}).`)
  return { topic, match }
}

/** Adds a `TOPIC[:MATCH]` to those before it. */
export function addTopicPattern(text: string, before: readonly TopicPattern[] = []): readonly TopicPattern[] {
  return [...before, parseTopicPattern(text)]
}

/** A TCP port; 0 asks for any that is free. */
export function parsePort(text: string): number {
  return wholeNumber(text, 0, 65_535)
}

/** A number of milliseconds; 0 is for ever. */
export function parseTimeout(text: string): number {
  return wholeNumber(text, 0, 2 ** 31 - 1)
}

export function parseCount(text: string): number {
  return wholeNumber(text, 1, Number.MAX_SAFE_INTEGER)
}

function wholeNumber(text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
}
