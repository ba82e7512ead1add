import type { Load, Span } from '../generator/load.js'
import { type NodeProcess, numberOf } from '../measuring/measured-process.js'
import type { BurstPublisher } from './burst-publisher.js'
import type { EchoingCallee } from './rpc-load.js'

/** A client that calls: it gives itself the work, and the generator answers. */
export class ClientCallerLoad implements Load {
  constructor(
    private readonly client: NodeProcess,
    private readonly callee: EchoingCallee,
    private readonly procedure: string,
    private readonly inFlight: number,
  ) {}

  async run(milliseconds: number): Promise<Span> {
    const { procedure, inFlight } = this
    const done = await this.client.ask('call', { procedure, inFlight, milliseconds })
    return {
      messages: numberOf(done, 'messages'),
      milliseconds: numberOf(done, 'milliseconds'),
      latency: undefined,
    }
  }

  close(): void {
    this.callee.close()
  }
}

/** A client that is subscribed: the generator publishes, no faster than any client can follow. */
export class ClientSubscriberLoad implements Load {
  constructor(
    private readonly client: NodeProcess,
    private readonly publisher: BurstPublisher,
  ) {}

  async run(milliseconds: number): Promise<Span> {
    const began = performance.now()
    const messages = await this.publisher.run(milliseconds)
    await this.client.ask('seen', { count: messages })
    return { messages, milliseconds: performance.now() - began, latency: undefined }
  }

  close(): void {
    this.publisher.close()
  }
}
