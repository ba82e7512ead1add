import type { Connection } from '../generator/connection.js'
import type { FrameTemplate } from '../generator/frame-template.js'
import type { MessageIds } from '../generator/message-ids.js'

/** Publishes so many messages a second, some at once. Nobody here hears what becomes of them. */
export class BurstPublisher {
  #failure: string | undefined

  constructor(
    private readonly connection: Connection,
    private readonly ids: MessageIds,
    private readonly publish: FrameTemplate,
    private requestId: number,
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    connection.receiver = {
      frame: (octets, at, length) => {
        this.#failure = octets.subarray(at, at + length).toString()
      },
    }
    connection.onEnd = (reason) => {
      this.#failure = reason
    }
  }

  /** @returns how many were published. */
  async run(milliseconds: number): Promise<number> {
    const began = performance.now()
    const interval = (1000 * this.atOnce) / this.perSecond
    let published = 0
    await new Promise<void>((resolve) => {
      const pace = () => {
        const elapsed = performance.now() - began
        if (elapsed >= milliseconds) return resolve()
        for (; (published / this.atOnce) * interval <= elapsed; published += this.atOnce) this.#burst()
        this.connection.flush()
        setImmediate(pace)
      }
      pace()
    })
    if (this.#failure !== undefined) throw new Error(this.#failure)
    return published
  }

  close(): void {
    this.connection.close()
  }

  #burst(): void {
    for (let i = 0; i < this.atOnce; i++)
      this.connection.add(this.publish, this.ids.scratch, 0, this.ids.write(++this.requestId))
  }
}
