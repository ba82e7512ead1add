/**
 * The configuration of a router, as a file has it: one schema, for the check, for the types and for editors. It says the
 * same as the options of `Router`, with names for what a file cannot hold.
 */
import { z } from 'zod'

const uri = z.string().min(1).describe('A URI: components with dots between them.')
const match = z.enum(['exact', 'prefix', 'wildcard']).describe('How the URI matches; exact by default.')
const milliseconds = z.number().nonnegative().describe('Milliseconds.')
const amount = z.number().positive()

/** A secret is never clear in a file that somebody may read by chance: it can come from elsewhere. */
export const secretSchema = z
  .union([
    z.string().min(1),
    z.strictObject({ env: z.string().min(1).describe('The name of an environment variable.') }),
    z.strictObject({
      file: z.string().min(1).describe('A file, relative to this one; its last line break does not count.'),
    }),
  ])
  .describe('A secret: as it is, or from an environment variable, or from a file.')

const role = z.string().min(1).describe('The authrole.')

const procedure = uri.describe('A procedure of the realm that knows the principals.')

const ticketPrincipal = z.strictObject({ ticket: secretSchema, role })
const wampcraPrincipal = z.union([
  z.strictObject({ secret: secretSchema, role }),
  z.strictObject({
    key: secretSchema.describe('The salted key, as `wampkit hash` prints it.'),
    salt: z.string().min(1),
    iterations: amount.int().optional(),
    keylen: amount.int().optional(),
    role,
  }),
])
const scramPrincipal = z.strictObject({
  kdf: z.enum(['pbkdf2', 'argon2id13']),
  salt: z.string().min(1),
  iterations: amount.int(),
  memory: amount.int().optional(),
  storedKey: secretSchema,
  serverKey: secretSchema,
  role,
})
const cryptosignPrincipal = z.strictObject({
  pubkeys: z.array(z.string().regex(/^[0-9a-f]{64}$/i, 'a public key is 64 hexadecimal digits')).min(1),
  role,
})
const certificatePrincipal = z.strictObject({
  commonName: z.string().min(1).optional(),
  fingerprint: z.string().min(1).optional(),
  role,
})

/** Either principals, by authid, or a procedure that knows them. */
const principals = <Principal extends z.ZodType>(principal: Principal) => ({
  principals: z.record(z.string().min(1), principal).describe('Who may log in, by authid.').optional(),
  procedure: procedure.optional(),
})

export const authSchema = z
  .discriminatedUnion('method', [
    z.strictObject({
      method: z.literal('anonymous'),
      role: role.optional(),
      localOnly: z.boolean().describe('Only clients of this machine.').optional(),
    }),
    z.strictObject({ method: z.literal('ticket'), ...principals(ticketPrincipal) }),
    z.strictObject({ method: z.literal('wampcra'), ...principals(wampcraPrincipal) }),
    z.strictObject({
      method: z.literal('wamp-scram'),
      names: z.literal('autobahn').describe('The names that autobahn and crossbar use.').optional(),
      ...principals(scramPrincipal),
    }),
    z.strictObject({
      method: z.literal('cryptosign'),
      privateKey: secretSchema.describe("The router's own key, for clients that want to know it.").optional(),
      ...principals(cryptosignPrincipal),
    }),
    z.strictObject({
      method: z.literal('cookie'),
      name: z.string().min(1).describe('The name of the cookie.'),
      procedure: procedure.optional(),
      principals: z
        .record(
          z
            .string()
            .regex(/^[0-9a-f]{64}$/i, 'the SHA-256 of the value of the cookie is 64 hexadecimal digits'),
          z.strictObject({ authid: z.string().min(1), role }),
        )
        .describe("Who may log in, by SHA-256 of the cookie's value, in hex.")
        .optional(),
    }),
    z.strictObject({
      method: z.literal('tls'),
      principals: z.record(z.string().min(1), certificatePrincipal),
    }),
  ])
  .describe('A way to log in.')

const permission = z.strictObject({
  uri: z.string(),
  match: match.optional(),
  allow: z
    .array(z.enum(['call', 'register', 'publish', 'subscribe']))
    .describe('What is allowed; an empty list forbids.'),
  disclose: z
    .enum(['on-request', 'always', 'never'])
    .describe('Whether who does it is made known.')
    .optional(),
})

const history = z.strictObject({
  topic: z.string(),
  match: match.optional(),
  maxEvents: amount.int().optional(),
  maxBytes: amount.int().optional(),
  maxAge: milliseconds.optional(),
})

const trustRule = z.strictObject({
  level: z.number().int().nonnegative(),
  uri: z.string().optional(),
  match: match.optional(),
  action: z.enum(['call', 'publish']).optional(),
  authrole: z.string().optional(),
  authid: z.string().optional(),
})

export const realmSchema = z.strictObject({
  name: uri.describe('The URI of the realm.'),
  uris: z.enum(['loose', 'strict']).describe('How strictly URIs are checked; loose by default.').optional(),
  auth: z
    .array(authSchema)
    .describe('The ways to log in. Without them, anonymous clients of this machine.')
    .optional(),
  roles: z
    .record(z.string().min(1), z.array(permission))
    .describe(
      'What the members of each role may do; the most specific permission counts, and what none allows is refused.',
    )
    .optional(),
  authorizer: z
    .strictObject({
      procedure: uri,
      cache: milliseconds
        .describe('Milliseconds that a decision is remembered; 0, which is the default, for not at all.')
        .optional(),
    })
    .describe('A procedure that judges the members of all other roles.')
    .optional(),
  trustLevels: z.array(trustRule).optional(),
  history: z.array(history).describe('The topics whose history is kept.').optional(),
  retention: z
    .strictObject({ maxTopics: amount.int().optional(), maxBytes: amount.int().optional() })
    .optional(),
  compatibility: z
    .enum(['autobahn', 'crossbar', 'nexus', 'wampy.js'])
    .describe('What the clients of the realm are, where they do otherwise than the spec says.')
    .optional(),
})

const keyPair = {
  cert: z.string().min(1).describe('A file of certificates, PEM; relative to this one.'),
  key: z.string().min(1).describe('The file of its key, PEM.'),
  passphrase: secretSchema.optional(),
}

const longPollSchema = z.strictObject({
  path: z
    .string()
    .regex(/^(\/[^/?#\s]+)+\/?$/, 'must be a path such as /longpoll')
    .describe('Where its requests go; /longpoll by default.')
    .optional(),
  pollTimeout: amount
    .describe('Milliseconds that a request for messages is held; 10,000 by default.')
    .optional(),
  idleTimeout: amount
    .describe('Milliseconds without such a request after which a client is lost; 30,000 by default.')
    .optional(),
  doneStatus: z
    .union([z.literal(202), z.literal(204)], 'must be 202 or 204')
    .describe("The status of what went well; 202 by default, and 204 for npm's autobahn.")
    .optional(),
})

export const listenSchema = z.strictObject({
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .describe('The TCP port; 8080 by default, 0 for any that is free.')
    .optional(),
  host: z.string().min(1).describe('The address; 127.0.0.1 by default.').optional(),
  unix: z
    .string()
    .min(1)
    .describe('Listens on a Unix socket in place of a TCP port: its path, relative to this file.')
    .optional(),
  unixMode: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'must be three octal digits, such as "0660"')
    .describe('The permissions of the Unix socket, such as "0660"; "0600" by default.')
    .optional(),
  path: z.string().startsWith('/').describe('Takes WebSockets on this path only.').optional(),
  rawSocket: z.boolean().describe('Serves RawSocket on the same port; true by default.').optional(),
  longPoll: z
    .union([z.boolean(), longPollSchema], 'must be true, false or a dictionary')
    .describe('Serves HTTP long-poll on the same port; true by default.')
    .optional(),
  origins: z
    .union([z.literal('any'), z.array(z.string().min(1))])
    .describe('The web pages that may connect, such as https://*.example.com.')
    .optional(),
  trustedProxies: z
    .array(z.string().min(1))
    .describe('The reverse proxies in front of the port, as addresses or networks such as 10.0.0.0/8.')
    .optional(),
  proxyHeader: z
    .enum(['x-forwarded-for', 'forwarded'])
    .describe('The header in which they say who their clients are; x-forwarded-for by default.')
    .optional(),
  tls: z
    .strictObject({
      ...keyPair,
      hosts: z.record(z.string().min(1), z.strictObject(keyPair)).optional(),
      ca: z.string().min(1).describe('The authorities of client certificates, PEM.').optional(),
      clientCertificates: z.enum(['request', 'require']).optional(),
    })
    .optional(),
})

const limit = amount.optional()

export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  realms: z.array(realmSchema).min(1),
  listen: z.union([listenSchema, z.array(listenSchema).min(1)]).optional(),
  store: z.string().min(1).describe('The folder in which histories and retained events are kept.').optional(),
  agent: z.string().min(1).optional(),
  maxMessageSize: amount.int().optional(),
  maxDepth: amount.int().optional(),
  sendBufferLimit: amount.int().optional(),
  slowConsumers: z.enum(['disconnect', 'drop-oldest', 'pause-publisher']).optional(),
  heartbeat: milliseconds.optional(),
  closeTimeout: milliseconds.optional(),
  limits: z
    .strictObject({
      handshakeTimeout: limit,
      maxMessageSizeBeforeLogin: limit,
      sessions: limit,
      sessionsPerAuthid: limit,
      connectionsPerAddress: limit,
      localConnections: limit,
      messagesPerSecond: limit,
      messageBurst: limit,
      failedLogins: limit,
      failedLoginsPerAddress: limit,
      uriLength: z.number().min(64).optional(),
      undecidedMessages: limit,
      undecidedBytes: limit,
    })
    .optional(),
  sessionLimits: z
    .strictObject({
      registrations: limit,
      subscriptions: limit,
      calls: limit,
      reroutedBytes: limit,
      testamentBytes: limit,
    })
    .optional(),
})

/** The configuration of a router. */
export type Configuration = z.infer<typeof configurationSchema>
export type RealmConfiguration = z.infer<typeof realmSchema>
export type AuthConfiguration = z.infer<typeof authSchema>
export type ListenConfiguration = z.infer<typeof listenSchema>
export type Secret = z.infer<typeof secretSchema>

/** The schema as JSON Schema, for editors. */
export function configurationJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configurationSchema, { target: 'draft-2020-12' }) as Record<string, unknown>
}
