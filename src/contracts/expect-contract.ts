import { UsageError } from '../errors.js'
import { isStandardSchema } from './standard-schema.js'

/**
 * Whether it is a URI, or a pattern, is known only when it is used.
 *
 * @throws UsageError unless `uri` is a string, and each of `schemas` a schema.
 */
export function expectContract(uri: string, schemas: object): void {
  if (typeof uri !== 'string') throw new UsageError('a contract needs the URI that it is for')
  for (const [name, schema] of Object.entries(schemas)) {
    if (schema === undefined || isStandardSchema(schema)) continue
    throw new UsageError(
      `the contract for ${uri}: ${name} must be a schema that follows Standard Schema, version 1`,
    )
  }
}
