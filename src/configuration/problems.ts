/** What is wrong with a configuration, in sentences: where, what was expected, and what may have been meant. */
import type { z } from 'zod'
import { show } from '../messages/show.js'

type Issue = z.core.$ZodIssue

/** One sentence for each thing that is wrong. `value` is what was checked. */
export function problemsOf(issues: readonly Issue[], value: unknown, knownKeys: KnownKeys): string[] {
  return issues.flatMap((issue) => sentencesOf(issue, value, knownKeys))
}

/** The keys that the schema knows at a path. */
export type KnownKeys = (path: readonly PropertyKey[]) => readonly string[]

function sentencesOf(issue: Issue, value: unknown, knownKeys: KnownKeys): string[] {
  const where = pathOf(issue.path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const meant = nearest(key, knownKeys(issue.path))
        const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`
        return `${pathOf([...issue.path, key])}: there is no such key${suggestion}`
      })
    case 'invalid_union': {
      // The alternative that was closest to fitting says most.
      const [closest] = issue.errors
        .filter((errors) => errors.length > 0)
        .sort((a, b) => depth(b) - depth(a) || a.length - b.length)
      if (closest === undefined || depth(closest) === 0)
        return [`${where}: ${issue.message}, not ${shown(issue, value)}`]
      const nested = closest.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
      return problemsOf(nested as Issue[], value, knownKeys)
    }
    case 'invalid_value': {
      const given = at(value, issue.path)
      const choices = issue.values.map(String)
      const meant = typeof given === 'string' ? nearest(given, choices) : undefined
      const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`
      return [`${where}: must be ${choices.join(', ')}, not ${show(given)}${suggestion}`]
    }
    case 'invalid_type':
      return at(value, issue.path) === undefined
        ? [`${where}: is missing; it must be ${article(issue.expected)}`]
        : [`${where}: must be ${article(issue.expected)}, not ${shown(issue, value)}`]
    default:
      return [`${where}: ${issue.message}, not ${shown(issue, value)}`]
  }
}

/** How far into the value an alternative came. */
function depth(errors: readonly Issue[]): number {
  // A key that there is not stands below where it was looked for.
  return Math.max(0, ...errors.map(({ code, path }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)))
}

/** The value that is wrong, unless it could be a secret. */
function shown({ path }: Issue, value: unknown): string {
  const isSecret = path.some((key) => SECRET.test(String(key)))
  return isSecret ? 'what is there' : show(at(value, path))
}

const SECRET = /secret|ticket|key|passphrase/i

export function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the configuration'
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('')
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
}

function article(kind: string): string {
  if (kind === 'array') return 'a list'
  if (kind === 'object' || kind === 'record') return 'a dictionary'
  if (kind === 'boolean') return 'true or false'
  return kind === 'int' ? 'a whole number' : `a ${kind}`
}

/** Of what is known, that which looks most like what was written; if it looks like it at all. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(2, written.length / 3) ? best.name : undefined
}

/** How many letters have to change to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}
