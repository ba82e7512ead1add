import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { UsageError } from '../../errors.js'
import type { ProxyHeader, TrustedProxyOptions } from './trusted-proxy-options.js'

/** Knows the proxies that are believed, and from what they say, who is behind them. */
export class TrustedProxies {
  readonly #addresses = new BlockList()

  /** @throws UsageError if one is neither an address nor a network. */
  constructor(
    proxies: readonly string[],
    private readonly header: ProxyHeader,
  ) {
    for (const proxy of proxies) this.#add(proxy)
  }

  /** Is this the address of one of them? */
  has(address: string): boolean {
    const plain = unmapped(address)
    const version = isIP(plain)
    return version !== 0 && this.#addresses.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }

  /**
   * The address of the client that a request comes from, if it comes through proxies: the last one that is none of them.
   * Each proxy adds the address that it sees, so that what stands further left is only what that client says. A proxy that
   * does not tell is taken for the client.
   */
  clientOf({ socket, headers }: IncomingMessage): string | undefined {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || !this.has(remoteAddress)) return undefined
    let client = unmapped(remoteAddress)
    for (const hop of hopsOf(this.header, headers).reverse()) {
      const address = hop === undefined ? undefined : unmapped(hop)
      if (address === undefined || isIP(address) === 0) break
      client = address
      if (!this.has(client)) break
    }
    return client
  }

  #add(proxy: string): void {
    const [address = '', bits, ...more] = proxy.split('/')
    const version = isIP(address)
    const most = version === 4 ? 32 : 128
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (version === 0 || more.length > 0 || !(prefix <= most))
      throw new UsageError(
        `trustedProxies: ${JSON.stringify(proxy)} is no address or network, such as 192.0.2.1 or 10.0.0.0/8`,
      )
    this.#addresses.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Those that the options name. @throws UsageError if one cannot be, or there is no such header. */
export function trustedProxies({
  trustedProxies: proxies = [],
  proxyHeader = 'x-forwarded-for',
}: TrustedProxyOptions): TrustedProxies | undefined {
  if (proxyHeader !== 'x-forwarded-for' && proxyHeader !== 'forwarded')
    throw new UsageError(
      `proxyHeader must be x-forwarded-for or forwarded, not ${JSON.stringify(proxyHeader)}`,
    )
  return proxies.length === 0 ? undefined : new TrustedProxies(proxies, proxyHeader)
}

/** The addresses that a request went through, the first one first; `undefined` for one that is hidden. */
function hopsOf(header: ProxyHeader, headers: IncomingMessage['headers']): (string | undefined)[] {
  const value = headers[header]
  if (value === undefined) return []
  const hops = String(value).split(',')
  return header === 'forwarded' ? hops.map(forOf) : hops.map(hostOfHop)
}

/** The parameter `for` of an element. Spec: RFC 7239, section 4. */
function forOf(element: string): string | undefined {
  const [, quoted, token] = /(?:^|;)\s*for=(?:"([^"]*)"|([^;"\s]*))/i.exec(element.trim()) ?? []
  return hostOfHop(quoted ?? token ?? '')
}

/** An address without the port, and the brackets, that it may have. */
function hostOfHop(hop: string): string | undefined {
  const text = hop.trim()
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? []
  const host = bracketed ?? (/^[\d.]+:\d+$/.test(text) ? text.replace(/:\d+$/, '') : text)
  return isIP(host) === 0 ? undefined : host
}

/** `::ffff:192.0.2.1` is IPv4. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
