/** `target` with a property of every name, such as a name can be: `make` makes it when it is asked for. */
export function withEveryName(target: object, make: (name: string) => unknown): object {
  return new Proxy(target, {
    // A promise must not take this for one of its kind, nor a console for something to look into.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : make(name)),
  })
}
