/** The door to contracts: what both ends have agreed upon, in types or in schemas. */
export { type Contract, contract } from './contracts/contract.js'
export { type Procedure, procedure } from './contracts/procedure.js'
export type {
  Answer,
  ContractError,
  ProcedureSchemas,
  ProcedureShape,
  ProcedureTypes,
} from './contracts/procedure-types.js'
export type {
  InputOf,
  OutputOf,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from './contracts/standard-schema.js'
export { type Topic, topic } from './contracts/topic.js'
export type { ContractEvent, TopicSchemas, TopicShape, TopicTypes } from './contracts/topic-types.js'
