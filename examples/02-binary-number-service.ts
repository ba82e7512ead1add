// Arguments in, a result out; a bad argument becomes an error with a URI that callers in any language understand.
//   npx wampkit run examples/02-binary-number-service.ts
//   npx wampkit call com.example.get_binary_number 5
import { ApplicationError, Client, callee, ERROR } from 'wampkit'

export class BinaryNumberService extends Client {
  @callee('com.example.get_binary_number')
  getBinaryNumber(integer: number) {
    if (!Number.isInteger(integer))
      throw new ApplicationError(ERROR.invalidArgument, [`${integer} is no integer`])
    return integer < 0 ? `-0b${(-integer).toString(2)}` : `0b${integer.toString(2)}`
  }
}
