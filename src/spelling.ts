/**
 * Users write names in camelCase, and the wire has them in snake_case: `discloseMe` is `disclose_me`. Here the one
 * becomes the other.
 */

/** The name as the wire has it. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * Those of the options that are named and given, as the wire has them, added to `wire`.
 *
 * @param prefix stands before each name on the wire.
 */
export function spellOut<Options extends object>(
  wire: Readonly<Record<string, unknown>> | undefined,
  options: Options,
  names: readonly (string & keyof Options)[],
  prefix = '',
): Record<string, unknown> {
  const spelled = { ...wire }
  for (const name of names) if (options[name] !== undefined) spelled[prefix + snakeCase(name)] = options[name]
  return spelled
}
