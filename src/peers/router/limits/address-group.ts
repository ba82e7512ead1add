const IPV6_GROUPS = 8
/** Of 64 bits: what one household or one server has of IPv6, with more addresses than anybody can count. */
const NETWORK_GROUPS = 4

/** The part of an address that counts as one: all of IPv4, and the network of IPv6. `::ffff:192.0.2.1` is IPv4. */
export function addressGroup(address: string): string {
  const plain = (address.split('%', 1)[0] ?? '').toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':')) return plain
  const [before = '', after] = plain.split('::')
  const head = groupsOf(before)
  const tail = after === undefined ? [] : groupsOf(after)
  const middle = Array<string>(Math.max(0, IPV6_GROUPS - head.length - tail.length)).fill('0')
  const groups = [...head, ...middle, ...tail].slice(0, NETWORK_GROUPS)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** The address in `host:port`, where an IPv6 address stands in brackets. */
export function hostOf(address: string): string {
  return /^\[(.*)\]/.exec(address)?.[1] ?? address.replace(/:\d+$/, '')
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':')
}
