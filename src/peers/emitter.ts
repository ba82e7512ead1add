type Listener<T> = (detail: T) => void

/** Typed events: what a client tells whoever wants to know. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  /** Calls `listener` for each event of this name; disposing of what is returned stops that. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposable {
    let listeners = this.#listeners.get(name)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(name, listeners)
    }
    listeners.add(listener)
    return { [Symbol.dispose]: () => this.off(name, listener) }
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    this.#listeners.get(name)?.delete(listener)
  }

  /** Resolves with the next event of this name. */
  once<Name extends keyof Events>(name: Name): Promise<Events[Name]> {
    return new Promise((resolve) => {
      const listener = (detail: Events[Name]) => {
        this.off(name, listener)
        resolve(detail)
      }
      this.on(name, listener)
    })
  }

  /** Tells all listeners; false if there is none. A listener that throws does not keep the others from hearing. */
  emit<Name extends keyof Events>(
    name: Name,
    detail: Events[Name],
    onError: (error: unknown) => void,
  ): boolean {
    const listeners = [...(this.#listeners.get(name) ?? [])] as Listener<Events[Name]>[]
    for (const listener of listeners)
      try {
        listener(detail)
      } catch (error) {
        onError(error)
      }
    return listeners.length > 0
  }
}
