/** The messages of remote procedure calls. Spec: rfc/text/basic/remote_procedure_call.md. */
import * as Code from './code.js'
import type {
  CallOptions,
  CancelOptions,
  InterruptOptions,
  InvocationDetails,
  RegisterOptions,
  ResultDetails,
  RevocationDetails,
  YieldOptions,
} from './dictionaries.js'
import { Payload } from './payload.js'

/** `[CALL, Request|id, Options|dict, Procedure|uri, Arguments|list, ArgumentsKw|dict]` */
export class Call {
  constructor(
    readonly requestId: number,
    readonly options: CallOptions,
    readonly procedure: string,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.CALL
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options, this.procedure]
  }
}

/** `[CANCEL, CALL.Request|id, Options|dict]` Spec: rfc/text/advanced/rpc_call_canceling.md. */
export class Cancel {
  constructor(
    readonly requestId: number,
    readonly options: CancelOptions,
  ) {}
  get code() {
    return Code.CANCEL
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options]
  }
}

/** `[RESULT, CALL.Request|id, Details|dict, YIELD.Arguments|list, YIELD.ArgumentsKw|dict]` */
export class Result {
  constructor(
    readonly requestId: number,
    readonly details: ResultDetails,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.RESULT
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.details]
  }
}

/** `[REGISTER, Request|id, Options|dict, Procedure|uri]` */
export class Register {
  constructor(
    readonly requestId: number,
    readonly options: RegisterOptions,
    readonly procedure: string,
  ) {}
  get code() {
    return Code.REGISTER
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options, this.procedure]
  }
}

/** `[REGISTERED, REGISTER.Request|id, Registration|id]` */
export class Registered {
  constructor(
    readonly requestId: number,
    readonly registrationId: number,
  ) {}
  get code() {
    return Code.REGISTERED
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.registrationId]
  }
}

/** `[UNREGISTER, Request|id, REGISTERED.Registration|id]` */
export class Unregister {
  constructor(
    readonly requestId: number,
    readonly registrationId: number,
  ) {}
  get code() {
    return Code.UNREGISTER
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.registrationId]
  }
}

/**
 * `[UNREGISTERED, UNREGISTER.Request|id]`, or, when a router revokes a registration,
 * `[UNREGISTERED, 0, Details|dict]` (rfc/text/advanced/rpc_registration_revocation.md).
 */
export class Unregistered {
  constructor(
    readonly requestId: number,
    readonly details?: RevocationDetails,
  ) {}
  get code() {
    return Code.UNREGISTERED
  }
  head(): unknown[] {
    return this.details === undefined
      ? [this.code, this.requestId]
      : [this.code, this.requestId, this.details]
  }
}

/**
 * `[INVOCATION, Request|id, REGISTERED.Registration|id, Details|dict, CALL.Arguments|list, CALL.ArgumentsKw|dict]`
 */
export class Invocation {
  constructor(
    readonly requestId: number,
    readonly registrationId: number,
    readonly details: InvocationDetails,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.INVOCATION
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.registrationId, this.details]
  }
}

/** `[INTERRUPT, INVOCATION.Request|id, Options|dict]` Spec: rfc/text/advanced/rpc_call_canceling.md. */
export class Interrupt {
  constructor(
    readonly requestId: number,
    readonly options: InterruptOptions,
  ) {}
  get code() {
    return Code.INTERRUPT
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options]
  }
}

/** `[YIELD, INVOCATION.Request|id, Options|dict, Arguments|list, ArgumentsKw|dict]` */
export class Yield {
  constructor(
    readonly requestId: number,
    readonly options: YieldOptions,
    readonly payload: Payload = Payload.none,
  ) {}
  get code() {
    return Code.YIELD
  }
  head(): unknown[] {
    return [this.code, this.requestId, this.options]
  }
}
