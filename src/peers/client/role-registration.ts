import type { Callee } from '../../roles/callee.js'
import { type DeclaredRole, declaredRoles } from '../../roles/decorators.js'
import type { ProcedureHandler } from '../../roles/registration.js'
import type { Subscriber } from '../../roles/subscriber.js'

/** Registers the roles of a client in each session that it joins. */
export class RoleRegistration {
  /** The decorated methods that have been registered once; from then on they are registered again like all else. */
  readonly #placed = new Set<DeclaredRole>()
  /** What `registerRoles()` made in this session. */
  #made: AsyncDisposable[] = []
  /** The run of `registerRoles()` that is under way; one of a session that was lost may still come to its end later. */
  #running: object | undefined

  constructor(
    private readonly client: object,
    private readonly callee: Callee,
    private readonly subscriber: Subscriber,
  ) {}

  /**
   * Runs `registerRoles()` of the client. What an override makes in there it makes again in the next session: that of
   * the last one gives way. Without an override, what is made meanwhile is somebody else's, and stays.
   */
  async run(registerRoles: () => Promise<void>, isOverridden: boolean): Promise<void> {
    const earlier = this.#made
    const run = {}
    this.#made = []
    this.#running = isOverridden ? run : undefined
    try {
      await Promise.all(earlier.map((made) => made[Symbol.asyncDispose]()))
      await registerRoles()
    } finally {
      if (this.#running === run) this.#running = undefined
    }
  }

  /** Notes what is being made, if `registerRoles()` makes it. */
  async note<T extends AsyncDisposable>(making: Promise<T>): Promise<T> {
    const byRoles = this.#running !== undefined
    const made = await making
    if (byRoles) this.#made.push(made)
    return made
  }

  /** What `registerRoles()` does unless it is overridden. */
  async registerDeclared(): Promise<void> {
    const { callee, subscriber } = this
    const fresh = declaredRoles(this.client).filter((role) => !this.#placed.has(role))
    await Promise.all([
      callee.registerAgain(),
      subscriber.subscribeAgain(),
      ...fresh.map(async (declared) => {
        const handler = (...args: unknown[]) => this.#method(declared.method)(...args)
        if (declared.role === 'callee')
          await callee.register(declared.contract ?? declared.procedure, handler, declared.options)
        else await subscriber.subscribe(declared.contract ?? declared.topic, handler, declared.options)
        this.#placed.add(declared)
      }),
    ])
  }

  /** The method as it is when it is called: a test may have replaced it. */
  #method(name: string): ProcedureHandler {
    const method = (this.client as Record<string, unknown>)[name] as ProcedureHandler
    return method.bind(this.client)
  }
}
