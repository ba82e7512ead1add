import { Router } from '../peers/router/router.js'
import type { PortLike } from '../transports/message-port/port-transport.js'
import type { Transport } from '../transports/transport.js'
import { Line } from './line.js'
import { type Watchable, Wiretap } from './recording/wiretap.js'

/** A router that can be listened in on: like any other, with every transport behind a line. */
export class WatchedRouter extends Router implements Watchable {
  /** What `record` listens to. */
  readonly wiretap = new Wiretap()

  override accept(other: Transport | PortLike): void {
    if ('postMessage' in other) return super.accept(other)
    const said = this.wiretap.open()
    const line = new Line(other, 'router', ({ from, message, deliver }) => {
      said(from, message)
      deliver()
    })
    super.accept(line)
  }
}
