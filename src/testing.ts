/// <reference lib="esnext.disposable" preserve="true" />
/** The testing door of wampkit, for vitest, jest, node:test or any other: routers for tests, in Node. */
export { type Faults, type FaultySource, faulty } from './testing/faults/faults.js'
export type { Held } from './testing/faults/held.js'
export type { MessageKind } from './testing/message-kind.js'
export { type Recording, record } from './testing/recording/recording.js'
export { type TestClock, testClock } from './testing/test-clock.js'
export {
  type ConnectOptions,
  type Procedures,
  type ServiceClass,
  type TestRouter,
  type TestRouterOptions,
  testRouter,
} from './testing/test-router.js'
export type { WaitOptions } from './testing/time-limit.js'
export {
  type RealmWaitOptions,
  type RegistrationWaitOptions,
  type SubscriptionWaitOptions,
  type WaitTarget,
  waitForRegistration,
  waitForSession,
  waitForSubscription,
} from './testing/waiting/waiting.js'
