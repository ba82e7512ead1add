import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigurationError } from './configuration-error.js'
import type { Secret } from './schema.js'

/** Finds what a configuration names: secrets, and files. */
export class Findings {
  constructor(
    private readonly file: string,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {}

  /** @throws ConfigurationError if the secret is not where it should be. It never says what the secret is. */
  secret(secret: Secret, where: string): string {
    if (typeof secret === 'string') return secret
    const found = 'env' in secret ? this.env[secret.env] : this.text(secret.file, where).replace(/\r?\n$/, '')
    if (found !== undefined && found !== '') return found
    const place = 'env' in secret ? `the environment variable ${secret.env}` : secret.file
    throw new ConfigurationError(this.file, [`${where}: ${place} is not set, or empty`])
  }

  /** The text of a file. @throws ConfigurationError if it cannot be read. */
  text(path: string, where: string): string {
    try {
      return readFileSync(resolve(this.folder, path), 'utf8')
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      const why = code === 'ENOENT' ? `there is no file ${path}` : message
      throw new ConfigurationError(this.file, [`${where}: ${why}`], { cause })
    }
  }
}
