/**
 * `@callee` and `@subscriber`: they record what a method is for and leave the method as it is, so that a class can be
 * tested as a plain object. Both dialects of decorators are understood: the standard one, and TypeScript's
 * `experimentalDecorators`.
 */
import { UsageError } from '../errors.js'
import type { CallTypes, ProcedureContract, PublishTypes, TopicContract } from './contract.js'
import type { ReceivedEvent } from './received-event.js'
import type { ProcedureHandler, RegisterOptions } from './registration.js'
import type { EventHandler, SubscribeOptions } from './subscription.js'

/** A role that a decorated method plays. */
export type DeclaredRole =
  | {
      readonly role: 'callee'
      readonly method: string
      readonly procedure: string
      readonly options: RegisterOptions
      readonly contract?: ProcedureContract | undefined
    }
  | {
      readonly role: 'subscriber'
      readonly method: string
      readonly topic: string
      readonly options: SubscribeOptions
      readonly contract?: TopicContract | undefined
    }

// biome-ignore lint/suspicious/noExplicitAny: a decorator fits any method, whatever it takes
type Method = (this: any, ...args: any[]) => unknown

/** A method decorator for both dialects. */
export interface RoleDecorator {
  (method: Method, context: ClassMethodDecoratorContext): void
  (prototype: object, name: string | symbol, descriptor?: PropertyDescriptor): void
}

/** A decorator, for both dialects, of methods that keep to a contract: one that does not is an error of compilation. */
export interface ContractDecorator<Handler extends ProcedureHandler> {
  (method: Handler, context: ClassMethodDecoratorContext): void
  <Own extends Handler>(
    prototype: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Own>,
  ): void
}

/**
 * What was declared, for each prototype (legacy dialect, when the class is defined) and each instance (standard
 * dialect, when it is made: only then do initializers run). Weak, so that it keeps nothing alive.
 */
const declared = new WeakMap<object, Declaration[]>()

interface Declaration {
  readonly declaration: DeclaredRole
  /** The function that was decorated: an override that is decorated again replaces what its parent declared. */
  readonly implementation: unknown
}

/**
 * Declares a method as a procedure. Without a URI the procedure is called what the method is called.
 *
 *     @callee                                      getTodaysDate() { … }
 *     @callee('com.example.add')                   add(a: number, b: number) { … }
 *     @callee('com.example.add', { invoke: 'roundrobin' })
 *     @callee(addContract)                         the same with a contract, which the method has to fit
 *
 * @throws UsageError if something else than an instance method is decorated.
 */
export function callee(method: Method, context: ClassMethodDecoratorContext): void
export function callee(prototype: object, name: string | symbol, descriptor?: PropertyDescriptor): void
export function callee<Handler extends ProcedureHandler>(
  procedure: ProcedureContract<CallTypes, Handler>,
  options?: RegisterOptions,
): ContractDecorator<Handler>
export function callee(options: RegisterOptions): RoleDecorator
export function callee(procedure?: string, options?: RegisterOptions): RoleDecorator
export function callee(...given: readonly unknown[]): unknown {
  const direct = decorated(given)
  if (direct !== undefined) {
    direct.declare((method) => ({ role: 'callee', method, procedure: method, options: {} }))
    return undefined
  }
  const [first, second] = given
  const contract = isContract(first) ? first : undefined
  const procedure = contract?.uri ?? (typeof first === 'string' ? first : undefined)
  const options = ((procedure === undefined ? (first ?? second) : second) ?? {}) as RegisterOptions
  return (...target: readonly unknown[]) =>
    expectMethod('@callee(…)', target).declare((method) => {
      return { role: 'callee', method, procedure: procedure ?? method, options, contract }
    })
}

/**
 * Declares a method as the handler of a topic's events.
 *
 *     @subscriber('com.example.weather', { match: 'prefix' })
 *     onWeather(report: Weather) { … }
 *
 *     @subscriber(weatherContract)                 the same with a contract, which the method has to fit
 *
 * @throws UsageError if something else than an instance method is decorated.
 */
export function subscriber(topic: string, options?: SubscribeOptions): RoleDecorator
export function subscriber<Handler extends EventHandler>(
  topic: TopicContract<PublishTypes, ReceivedEvent, Handler>,
  options?: SubscribeOptions,
): ContractDecorator<Handler>
export function subscriber(named: string | TopicContract, options: SubscribeOptions = {}): RoleDecorator {
  const contract = isContract(named) ? named : undefined
  const topic = contract?.uri ?? named
  if (typeof topic !== 'string')
    throw new UsageError("@subscriber needs a topic: @subscriber('com.example.topic')")
  return (...target: readonly unknown[]) =>
    expectMethod('@subscriber(…)', target).declare((method) => ({
      role: 'subscriber',
      method,
      topic,
      options,
      contract,
    }))
}

function isContract(value: unknown): value is ProcedureContract & TopicContract {
  return typeof value === 'object' && value !== null && 'uri' in value
}

/** The roles that the methods of `instance` declare, inherited ones first. */
export function declaredRoles(instance: object): DeclaredRole[] {
  const chain: object[] = [instance]
  for (let next = Object.getPrototypeOf(instance); next !== null; next = Object.getPrototypeOf(next))
    chain.push(next)
  const roles: Declaration[] = []
  for (const declarations of chain.reverse().map((link) => declared.get(link) ?? []))
    for (const added of declarations) {
      const overridden = ({ declaration, implementation }: Declaration) =>
        declaration.method === added.declaration.method &&
        declaration.role === added.declaration.role &&
        implementation !== added.implementation
      roles.splice(0, roles.length, ...roles.filter((role) => !overridden(role)), added)
    }
  return roles.map(({ declaration }) => declaration)
}

interface Decorated {
  declare(make: (method: string) => DeclaredRole): void
}

/** What is being decorated, if `target` is how either dialect calls a decorator. */
function decorated(target: readonly unknown[]): Decorated | undefined {
  const [first, second, third] = target
  if (typeof second === 'object' && second !== null && 'kind' in second)
    return standard(first, second as ClassMethodDecoratorContext)
  if (typeof second === 'string' || typeof second === 'symbol') return legacy(first as object, second, third)
  return undefined
}

function expectMethod(decorator: string, target: readonly unknown[]): Decorated {
  const found = decorated(target)
  if (found === undefined) throw new UsageError(`${decorator} must decorate a method of a class`)
  return found
}

function standard(implementation: unknown, context: ClassMethodDecoratorContext): Decorated {
  const { kind, name } = context
  if (kind !== 'method' || context.static || context.private || typeof name === 'symbol')
    throw new UsageError(
      `a role must be an instance method with a public name, not the ${kind} ${String(name)}`,
    )
  return {
    declare(make) {
      const declaration = make(name)
      context.addInitializer(function (this: unknown) {
        record(this as object, { declaration, implementation })
      })
    },
  }
}

function legacy(prototype: object, name: string | symbol, descriptor: unknown): Decorated {
  const implementation = (descriptor as PropertyDescriptor | undefined)?.value
  if (typeof prototype === 'function' || typeof name === 'symbol' || typeof implementation !== 'function')
    throw new UsageError(`a role must be an instance method with a public name, not ${String(name)}`)
  return {
    declare: (make) => record(prototype, { declaration: make(name), implementation }),
  }
}

function record(owner: object, declaration: Declaration): void {
  const declarations = declared.get(owner)
  if (declarations === undefined) declared.set(owner, [declaration])
  else declarations.push(declaration)
}
