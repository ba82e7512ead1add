/** Octets of the request by which a transport is opened. */
export const LONGEST_OPEN_REQUEST = 16 * 1024

/**
 * The protocols that a client asks for, in its order: `{"protocols": ["wamp.2.json"]}`. A string says what is wrong.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md, "Opening a Session".
 */
export function protocolsOf(body: Buffer): readonly string[] | string {
  let request: unknown
  try {
    request = JSON.parse(body.toString())
  } catch {
    return 'The request must have a JSON document as its body.'
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return 'The request must be a dictionary, such as {"protocols": ["wamp.2.json"]}.'
  const { protocols } = request as { protocols?: unknown }
  if (!Array.isArray(protocols) || !protocols.every((name) => typeof name === 'string'))
    return 'The request must name its protocols in a list, such as {"protocols": ["wamp.2.json"]}.'
  return protocols
}
