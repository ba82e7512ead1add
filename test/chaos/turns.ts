/** Lets the event loop turn so many times. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** @throws Error if `promise` does not settle within so many milliseconds. */
export async function inTime<T>(what: string, promise: Promise<T>, patience = 15_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${patience} ms`)), patience)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets the event loop turn until it is so. @throws Error if it never is. */
export async function until(what: string, isSo: () => boolean, patience = 15_000): Promise<void> {
  const deadline = performance.now() + patience
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patience} ms`)
    await turns()
  }
}
