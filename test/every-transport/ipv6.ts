import { networkInterfaces } from 'node:os'

/** Has this machine an IPv6 address of its own? */
export const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1')
