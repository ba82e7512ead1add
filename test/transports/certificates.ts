/** Makes certificates for tests: X.509 in DER, with nothing but `node:crypto`. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  readonly key: string
  readonly name: string
  readonly privateKey: KeyObject
}

export interface CertificateOptions {
  /** CN of the subject. */
  readonly name: string
  /** Host names and IPv4 addresses that it is for. */
  readonly hosts?: readonly string[]
  /** Who signs it; itself by default, which makes it an authority. */
  readonly issuer?: Certificate
  readonly expired?: boolean
}

const DAY = 24 * 60 * 60 * 1000
const ECDSA_WITH_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const BASIC_CONSTRAINTS = '551d13'
const SUBJECT_ALT_NAME = '551d11'

export function makeCertificate({ name, hosts = [], issuer, expired }: CertificateOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const extensions = [
    ...(issuer === undefined ? [extension(BASIC_CONSTRAINTS, sequence(der(0x01, Buffer.of(0xff))))] : []),
    ...(hosts.length === 0 ? [] : [extension(SUBJECT_ALT_NAME, sequence(...hosts.map(alternativeName)))]),
  ]
  const content = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    sequence(oid(ECDSA_WITH_SHA256)),
    distinguishedName(issuer?.name ?? name),
    sequence(time(now - 2 * DAY), time(expired === true ? now - DAY : now + 2 * DAY)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  )
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey)
  const whole = sequence(content, sequence(oid(ECDSA_WITH_SHA256)), der(0x03, Buffer.of(0), signature))
  return {
    cert: new X509Certificate(whole).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  }
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...header), content])
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents)
const integer = (octets: Buffer) => der(0x02, octets)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const extension = (id: string, value: Buffer) => sequence(oid(id), der(0x04, value))
const distinguishedName = (name: string) =>
  sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(name)))))

function alternativeName(host: string): Buffer {
  return isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))
}

/** UTCTime: YYMMDDhhmmssZ. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x17, Buffer.from(digits.slice(2)))
}
