import { z } from 'zod'

/** The keys that a schema knows at a path, over all alternatives. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const [key, ...rest] = path
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path)
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap((one) => keysAt(one, path)))]
  if (schema instanceof z.ZodArray) return typeof key === 'number' ? keysAt(schema.element, rest) : []
  if (schema instanceof z.ZodRecord) return key === undefined ? [] : keysAt(schema.valueType, rest)
  if (!(schema instanceof z.ZodObject)) return []
  if (key === undefined) return Object.keys(schema.shape)
  const inner = schema.shape[String(key)]
  return inner === undefined ? [] : keysAt(inner, rest)
}
