import type { InvocationPolicy } from './registration.js'

/**
 * Chooses which of `callees`, ordered by when they registered, serves a call. `turn` counts the calls of the
 * registration so far.
 *
 * Spec: rfc/text/advanced/rpc_shared_registration.md.
 */
export function chooseCallee<T>(
  policy: InvocationPolicy,
  callees: readonly T[],
  turn: number,
): T | undefined {
  switch (policy) {
    case 'single':
    case 'first':
      return callees[0]
    case 'last':
      return callees[callees.length - 1]
    case 'roundrobin':
      return callees[turn % callees.length]
    case 'random':
      return callees[Math.floor(Math.random() * callees.length)]
  }
}
