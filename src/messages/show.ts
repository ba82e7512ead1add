/** A short picture of a value for an error message: its kind and, where it is short, itself. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `the string ${JSON.stringify(value.slice(0, 40))}…` : JSON.stringify(value)
    case 'undefined':
      return 'nothing'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `a list of ${value.length}`
      if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes of binary`
      return 'a dictionary'
    case 'function':
      return 'a function'
    case 'bigint':
      return `${value}`
    default:
      return String(value)
  }
}
