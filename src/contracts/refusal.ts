import { ApplicationError } from '../errors.js'
import * as ERROR from '../uris/error.js'
import { clipped, type Place, pathTo } from './place.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

/** How many issues are told: a long list can be wrong in every element. */
const MOST_ISSUES = 10

/** The error for a value that its schema has refused: which value, where in it, and what was expected there. */
export function refusal(place: Place, issues: readonly SchemaIssue[]): ApplicationError {
  const told = issues.slice(0, MOST_ISSUES).map((issue) => ({
    path: pathTo(place.of, issue.path),
    message: clipped(String(issue.message)),
  }))
  const [first = { path: place.of, message: 'it is not as the schema has it' }] = told
  return new ApplicationError(place.error, [`${first.path} of ${place.uri}: ${first.message}`], {
    kwargs: {
      [place.kind]: place.uri,
      path: first.path,
      expected: expectedBy(issues[0]) ?? first.message,
      issues: told,
    },
  })
}

/** The error for a schema that did not judge a value at all. */
export function failure(
  place: Place,
  schema: StandardSchema,
  sentence: string,
  cause?: unknown,
): ApplicationError {
  const { vendor } = schema['~standard']
  return new ApplicationError(
    ERROR.schemaFailed,
    [clipped(`the schema (${vendor}) for ${place.of} of ${place.uri} ${sentence}`)],
    { kwargs: { [place.kind]: place.uri, path: place.of, vendor }, cause },
  )
}

/** Most libraries say in one word what they expected. It is not in the standard. */
function expectedBy(issue: SchemaIssue | undefined): string | undefined {
  const expected = (issue as { readonly expected?: unknown } | undefined)?.expected
  return typeof expected === 'string' && expected !== '' ? clipped(expected) : undefined
}
