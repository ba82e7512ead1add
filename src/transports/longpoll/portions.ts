import type { ServerResponse } from 'node:http'

/** Octets that are given to the socket at once. */
const PORTION = 64 * 1024

/** Writes a body and ends the response: in portions, so that `moved` tells of each that has left. */
export function writePortions(response: ServerResponse, body: Buffer, moved: () => void): void {
  let at = 0
  const next = () => {
    if (response.destroyed) return
    const portion = body.subarray(at, at + PORTION)
    at += portion.length
    if (at >= body.length) response.end(portion)
    else
      response.write(portion, (error) => {
        if (error) return
        moved()
        next()
      })
  }
  next()
}
