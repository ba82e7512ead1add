// What a service and its callers have agreed upon. Rename `celsius`, and neither of the two compiles any more.
import { procedure, topic } from 'wampkit/contracts'
import { z } from 'zod'

export type Report = z.infer<typeof Report>
const Report = z.object({ place: z.string(), celsius: z.number().min(-273.15) })

/** Takes a report; tells of how many places there is one. */
export const report = procedure('com.example.weather.report', {
  args: z.tuple([Report]),
  result: z.number(),
  errors: { 'com.example.weather.unknown_place': z.tuple([z.string()]) },
})

/** Yields the reports of the warmest places. */
export const warmest = procedure('com.example.weather.warmest', {
  args: z.tuple([z.number()]),
  progress: Report,
  result: z.void(),
})

export const weather = topic('com.example.weather.reported', { args: z.tuple([Report]) })
