/** The headers in which proxies say for whom they speak. */
export type ProxyHeader = 'x-forwarded-for' | 'forwarded'

export interface TrustedProxyOptions {
  /**
   * The reverse proxies in front of this port, as addresses or networks: `192.0.2.1`, `10.0.0.0/8`, `fd00::/8`. What one
   * of them says of a client's address is believed, by nobody else. Clients that come through one never count as local.
   */
  trustedProxies?: readonly string[]
  /**
   * The header in which they say it; `x-forwarded-for` by default. The proxies must set or extend this one: another one
   * comes from the client as it likes, and is not looked at.
   */
  proxyHeader?: ProxyHeader
}
