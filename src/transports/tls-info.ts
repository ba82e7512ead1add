/** What TLS tells of a connection, for authentication. Node only. */
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { CertificateInfo, TransportInfo } from './transport.js'

/** RFC 9266: the label and the length of the exported octets. */
const EXPORTER_LABEL = 'EXPORTER-Channel-Binding'
const EXPORTER_LENGTH = 32

/** The part of a transport's info that TLS gives; nothing for another socket. */
export function tlsInfo(
  socket: Duplex | undefined,
  side: 'client' | 'server',
): Pick<TransportInfo, 'channelBinding' | 'certificate'> {
  if (!isSecured(socket)) return {}
  const certificate = side === 'server' ? certificateOf(socket) : undefined
  return {
    channelBinding: (type) => (type === 'tls-exporter' ? exported(socket) : finished(socket, side)),
    ...(certificate === undefined ? {} : { certificate }),
  }
}

function exported(socket: TLSSocket): Uint8Array | undefined {
  try {
    return socket.exportKeyingMaterial(EXPORTER_LENGTH, EXPORTER_LABEL, Buffer.alloc(0))
  } catch {
    return undefined
  }
}

/**
 * `tls-unique`: the client's Finished message, hashed, since it has to be 32 octets long. TLS 1.3 has none that is unique.
 *
 * Spec: RFC 5929; rfc/text/advanced/authentication_cryptosign.md, "TLS Channel Binding".
 */
function finished(socket: TLSSocket, side: 'client' | 'server'): Uint8Array | undefined {
  if (socket.getProtocol() === 'TLSv1.3') return undefined
  const message = side === 'client' ? socket.getFinished() : socket.getPeerFinished()
  if (message === undefined) return undefined
  // Clients are bundled for places where there is no such module, so it is not imported.
  return process.getBuiltinModule?.('node:crypto').createHash('sha256').update(message).digest()
}

function isSecured(socket: Duplex | undefined): socket is TLSSocket {
  return socket !== undefined && 'exportKeyingMaterial' in socket
}

function certificateOf(socket: TLSSocket): CertificateInfo | undefined {
  if (!socket.authorized) return undefined
  const { subject, subjectaltname = '', fingerprint256 = '' } = socket.getPeerCertificate()
  const commonName = subject?.CN
  if (commonName === undefined) return undefined
  return {
    commonName: Array.isArray(commonName) ? String(commonName[0]) : commonName,
    alternativeNames: subjectaltname === '' ? [] : subjectaltname.split(', '),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}
