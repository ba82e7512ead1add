/** The messages that open, authenticate and close a session. Spec: rfc/text/basic/sessions.md. */
import * as Code from './code.js'
import {
  type CloseDetails,
  type Dict,
  EMPTY_DICT,
  type HelloDetails,
  type WelcomeDetails,
} from './dictionaries.js'
import { Payload } from './payload.js'

/** `[HELLO, Realm|uri, Details|dict]` */
export class Hello {
  constructor(
    readonly realm: string,
    readonly details: HelloDetails,
  ) {}
  get code() {
    return Code.HELLO
  }
  head(): unknown[] {
    return [this.code, this.realm, this.details]
  }
}

/** `[WELCOME, Session|id, Details|dict]` */
export class Welcome {
  constructor(
    readonly sessionId: number,
    readonly details: WelcomeDetails,
  ) {}
  get code() {
    return Code.WELCOME
  }
  head(): unknown[] {
    return [this.code, this.sessionId, this.details]
  }
}

/** `[ABORT, Details|dict, Reason|uri, Arguments|list, ArgumentsKw|dict]` */
export class Abort {
  constructor(
    readonly details: CloseDetails,
    readonly reason: string,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.ABORT
  }
  head(): unknown[] {
    return [this.code, this.details, this.reason]
  }
}

/** `[CHALLENGE, AuthMethod|string, Extra|dict]` Spec: rfc/text/advanced/authentication.md. */
export class Challenge {
  constructor(
    readonly authmethod: string,
    readonly extra: Dict = EMPTY_DICT,
  ) {}
  get code() {
    return Code.CHALLENGE
  }
  head(): unknown[] {
    return [this.code, this.authmethod, this.extra]
  }
}

/** `[AUTHENTICATE, Signature|string, Extra|dict]` Spec: rfc/text/advanced/authentication.md. */
export class Authenticate {
  constructor(
    readonly signature: string,
    readonly extra: Dict = EMPTY_DICT,
  ) {}
  get code() {
    return Code.AUTHENTICATE
  }
  head(): unknown[] {
    return [this.code, this.signature, this.extra]
  }
}

/** `[GOODBYE, Details|dict, Reason|uri]` */
export class Goodbye {
  constructor(
    readonly details: CloseDetails,
    readonly reason: string,
  ) {}
  get code() {
    return Code.GOODBYE
  }
  head(): unknown[] {
    return [this.code, this.details, this.reason]
  }
}
