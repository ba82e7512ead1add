/** Is this the address of the loopback interface: 127.0.0.0/8, `::1`, or either in IPv4-mapped form? */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, '')
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain)
}

/** Is this the host of a URL on this machine? Of an IPv6 address it has the brackets. */
export function isLocalHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function hostAndPort(address: string, port: number | undefined): string {
  const host = address.includes(':') ? `[${address}]` : address
  return port === undefined ? host : `${host}:${port}`
}
