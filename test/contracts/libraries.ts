/** The same contracts in the words of each library: a border is a border, whoever draws it. */
import { type } from 'arktype'
import * as v from 'valibot'
import { procedure, topic } from 'wampkit/contracts'
import { z } from 'zod'

export const ADD = 'com.example.add'
export const GREET = 'com.example.greet'
export const WEATHER = 'com.example.weather'

const zod = {
  add: procedure(ADD, { args: z.tuple([z.number(), z.number()]), result: z.number() }),
  greet: procedure(GREET, {
    args: z.tuple([z.string()]),
    kwargs: z.object({ greeting: z.string() }),
    result: z.string(),
  }),
  weather: topic(WEATHER, { args: z.tuple([z.object({ place: z.string(), celsius: z.number() })]) }),
}

const valibot: typeof zod = {
  add: procedure(ADD, { args: v.tuple([v.number(), v.number()]), result: v.number() }),
  greet: procedure(GREET, {
    args: v.tuple([v.string()]),
    kwargs: v.object({ greeting: v.string() }),
    result: v.string(),
  }),
  weather: topic(WEATHER, { args: v.tuple([v.object({ place: v.string(), celsius: v.number() })]) }),
}

const arktype: typeof zod = {
  add: procedure(ADD, { args: type(['number', 'number']), result: type('number') }),
  greet: procedure(GREET, {
    args: type(['string']),
    kwargs: type({ greeting: 'string' }),
    result: type('string'),
  }),
  weather: topic(WEATHER, { args: type([{ place: 'string', celsius: 'number' }]) }),
}

export const LIBRARIES = { zod, valibot, arktype }
