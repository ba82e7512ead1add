import { z } from 'zod'

/** A schema of strings that takes its time: each value waits until it is opened. */
export function slow() {
  const waiting = new Map<unknown, () => void>()
  const open = new Set<unknown>()
  let wake = () => {}
  return {
    schema: z.string().refine((value) => {
      if (open.has(value)) return true
      return new Promise<boolean>((resolve) => {
        waiting.set(value, () => resolve(true))
        wake()
      })
    }),
    /** Resolves when this value waits. */
    async asked(value: unknown): Promise<void> {
      while (!waiting.has(value)) await new Promise<void>((resolve) => (wake = resolve))
    },
    /** Lets this value through, now or when it comes. */
    open(value: unknown): void {
      open.add(value)
      waiting.get(value)?.()
    },
  }
}
