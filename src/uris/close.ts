/** Reasons for ending a session. Spec: rfc/text/basic/uri_reference.md, rfc/text/advanced/uris.md. */
export const realm = 'wamp.close.close_realm'
export const systemShutdown = 'wamp.close.system_shutdown'
export const goodbyeAndOut = 'wamp.close.goodbye_and_out'
export const killed = 'wamp.close.killed'
