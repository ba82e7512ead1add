/**
 * A registration or a subscription that the router has taken back. It stays declared: the next session asks for it again.
 *
 * Spec: rfc/text/advanced/rpc_registration_revocation.md, rfc/text/advanced/pubsub_subscription_revocation.md.
 */
export interface Revocation {
  readonly role: 'callee' | 'subscriber'
  /** The procedure or topic. */
  readonly uri: string
  /** Why, in words, where the router says it. */
  readonly reason: string | undefined
}
