/** Procedures that look like methods: `client.rpc.com.example.add(2, 3)` and `client.proxy<DateService>()`. */
import type { Dict } from '../../messages/dictionaries.js'
import { splitKwargs } from '../../roles/kwargs.js'

type Call = (procedure: string, args: readonly unknown[], kwargs: Dict | undefined) => Promise<unknown>

/** Any dotted URI, called like a function; keyword arguments go last, as `kwargs({ … })`. */
export interface RemoteProcedure {
  (...args: unknown[]): Promise<unknown>
  readonly [component: string]: RemoteProcedure
}

/** What calling a method remotely resolves to: the value behind promises, or what a generator returns. */
export type RemoteResult<Returned> =
  Returned extends AsyncGenerator<unknown, infer Value>
    ? Value
    : Returned extends Generator<unknown, infer Value>
      ? Value
      : Awaited<Returned>

/** The methods of `T`, less those of `Base`, as procedures: the same arguments, and a promise of the same result. */
export type Remote<T, Base = never> = {
  readonly [Name in Exclude<keyof T, keyof Base> as T[Name] extends (...args: never[]) => unknown
    ? Name
    : never]: T[Name] extends (...args: infer Args) => infer Returned
    ? (...args: Args) => Promise<RemoteResult<Returned>>
    : never
}

/** The root of all dotted URIs: each property adds a component, a call calls. */
export function remoteProcedures(call: Call, uri = ''): RemoteProcedure {
  const component = (name: string) => remoteProcedures(call, uri === '' ? name : `${uri}.${name}`)
  return withEveryName(calling(call, uri), component) as RemoteProcedure
}

/** An object whose methods are procedures: each name is appended to `prefix`. */
export function remoteObject(call: Call, prefix: string): object {
  return withEveryName({}, (name) => calling(call, prefix + name))
}

/** `target` with a property of every name, such as a name can be: `make` makes it when it is asked for. */
export function withEveryName(target: object, make: (name: string) => unknown): object {
  return new Proxy(target, {
    // A promise must not take this for one of its kind, nor a console for something to look into.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : make(name)),
  })
}

function calling(call: Call, uri: string): (...given: unknown[]) => Promise<unknown> {
  return (...given) => {
    const { args, kwargs } = splitKwargs(given)
    return call(uri, args, kwargs)
  }
}
