import { UsageError } from '../errors.js'

/** A configuration that cannot be used: one sentence for each thing that is wrong with it. */
export class ConfigurationError extends UsageError {
  constructor(
    /** The file, as it was named. */
    readonly file: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problems.join('; ')}`, options)
  }
}
