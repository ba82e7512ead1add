/** What the checks of calls, events and sessions have in common. */
import { type Behaviour, type Peer, Refusal, type RegisterOptions } from '../peer.js'

/** Checks, by what stands at the end of their titles. */
export type Checks<Context> = Readonly<Record<string, (context: Context) => Promise<void>>>

let used = 0

/** A URI that nobody has used. */
export function freshUri(): string {
  return `com.example.n${++used}`
}

/** Registers what a procedure does under a URI of its own, and returns that. */
export async function serve(callee: Peer, behaviour: Behaviour, options?: RegisterOptions): Promise<string> {
  const uri = freshUri()
  await callee.serve(uri, behaviour, options)
  return uri
}

/** The error that `promise` fails with. */
export async function failure(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof Refusal) return error
  throw error ?? new Error('it did not fail')
}
