import type { Clock } from '../../clock.js'
import type { SessionLimits } from '../session-limits.js'
import type { TrustLevels } from '../trust-levels.js'
import type { UriCheck } from '../uri-check.js'
import type { RegistrationObserver } from './registry.js'

export interface DealerOptions {
  readonly realm: string
  readonly clock: Clock
  readonly uris: UriCheck
  readonly observer?: RegistrationObserver
  readonly trustLevels?: TrustLevels | undefined
  readonly limits?: SessionLimits | undefined
  /** Called whenever a session wants more than it may have. */
  readonly onLimit?: (() => void) | undefined
}
