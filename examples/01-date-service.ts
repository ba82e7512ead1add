// A procedure that anybody can call. Run it on a router of its own:
//   npx wampkit run examples/01-date-service.ts
//   npx wampkit call getTodaysDate
import { Client, callee } from 'wampkit'

export class DateService extends Client {
  @callee
  getTodaysDate() {
    return new Date().toISOString().slice(0, 10)
  }
}
