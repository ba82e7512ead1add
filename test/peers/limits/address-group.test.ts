import { describe, expect, it } from 'vitest'
import { addressGroup, hostOf } from '../../../src/peers/router/limits/address-group.js'

describe('what counts as one address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group)
  })

  it.each([
    ['192.0.2.1:52144', '192.0.2.1'],
    ['[2001:db8::1]:52144', '2001:db8::1'],
    ['[::1]', '::1'],
    ['192.0.2.1', '192.0.2.1'],
  ])('the host of %s is %s', (address, host) => {
    expect(hostOf(address)).toBe(host)
  })
})
