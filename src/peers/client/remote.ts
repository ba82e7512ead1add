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
  const invoke = (...given: unknown[]) => {
    const { args, kwargs } = splitKwargs(given)
    return call(uri, args, kwargs)
  }
  return new Proxy(invoke, {
    get: (_, component) =>
      // A promise must not take this for one of its kind, nor a console for something to look into.
      typeof component === 'symbol' || component === 'then'
        ? undefined
        : remoteProcedures(call, uri === '' ? component : `${uri}.${component}`),
  }) as unknown as RemoteProcedure
}

/** An object whose methods are procedures: each name is appended to `prefix`. */
export function remoteObject(call: Call, prefix: string): object {
  return new Proxy(
    {},
    {
      get: (_, name) =>
        typeof name === 'symbol' || name === 'then'
          ? undefined
          : (...given: unknown[]) => {
              const { args, kwargs } = splitKwargs(given)
              return call(prefix + name, args, kwargs)
            },
    },
  )
}
