/**
 * Which of several takes what has a given key: the one with the highest score, where each scores by itself and the key
 * (rendezvous hashing). So one key always finds the same taker, and when a taker goes only its own keys move.
 *
 * The spec asks for a partition by key and gives no algorithm: rfc/text/advanced/rpc_sharded_registration.md,
 * rfc/text/advanced/pubsub_sharded_subscription.md.
 *
 * @param nodeOf The name of a taker. Of takers of one name the first is chosen.
 */
export function choosePartition<T>(
  key: string,
  takers: Iterable<T>,
  nodeOf: (taker: T) => string,
): T | undefined {
  let chosen: T | undefined
  let best = -1
  for (const taker of takers) {
    const score = scoreOf(key, nodeOf(taker))
    if (score <= best) continue
    best = score
    chosen = taker
  }
  return chosen
}

/** FNV-1a over both texts, with the bits mixed at the end so that names that differ little score differently. */
function scoreOf(key: string, node: string): number {
  const text = `${key}\n${node}`
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x7feb352d)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}
