import { isReserved } from '../../uris.js'
import type { NamedId } from './conversation.js'

const ANONYMOUS = /^anonymous-[0-9a-f]{8}-[0-9a-f-]{27}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/**
 * Writes values so that each run of a test writes them alike: ids, which are random or unwieldy, become `<session 1>`,
 * `<publication 1>`, `<registration com.example.add>`; everything else is written as JSON.
 */
export class StableValues {
  /** What each value is called that is another one in every run. */
  readonly #names = new Map<number | string, string>()
  readonly #counts = new Map<string, number>()

  constructor(private readonly idOf: (number: number) => NamedId | undefined) {}

  /** @param about the URI of the message: the router's own tell times, which pass. */
  write(value: unknown, about?: string): string {
    switch (typeof value) {
      case 'number': {
        const id = this.idOf(value)
        return id === undefined ? String(value) : this.id(value, id)
      }
      case 'string':
        if (ANONYMOUS.test(value)) return this.#nameOf(value, 'anonymous')
        return about !== undefined && isReserved(about) && TIME.test(value) ? '<time>' : JSON.stringify(value)
      case 'object':
        if (value === null) return 'null'
        if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`
        if (Array.isArray(value)) return `[${value.map((element) => this.write(element, about)).join(',')}]`
        return `{${Object.entries(value)
          .filter(([, element]) => element !== undefined)
          .map(([key, element]) => `${JSON.stringify(key)}:${this.write(element, about)}`)
          .join(',')}}`
      default:
        return String(value)
    }
  }

  id(number: number, id: NamedId): string {
    return 'uri' in id ? `<${id.kind} ${id.uri}>` : this.#nameOf(number, id.kind)
  }

  #nameOf(value: number | string, kind: string): string {
    const known = this.#names.get(value)
    if (known !== undefined) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const name = `<${kind} ${count}>`
    this.#names.set(value, name)
    return name
  }
}
