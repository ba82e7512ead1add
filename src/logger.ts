/** What the package logs to: shaped like `console`, so that `console` and most loggers fit as they are. */
export interface Logger {
  debug(message: string, ...more: unknown[]): void
  info(message: string, ...more: unknown[]): void
  warn(message: string, ...more: unknown[]): void
  error(message: string, ...more: unknown[]): void
}

const nothing = () => {}

/** Says nothing at all. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * The default: silent, except for errors that would otherwise be lost (a handler threw and nobody listens for the
 * client's `error` event).
 */
export const errorsOnlyLogger: Logger = {
  ...silentLogger,
  error: (message, ...more) => console.error(message, ...more),
}
