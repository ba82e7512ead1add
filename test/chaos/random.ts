/** Chance that can be repeated: the same seed draws the same. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to 1, without 1. Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `most`. */
  upTo(most: number): number {
    return Math.floor(this.next() * (most + 1))
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  oneOf<T>(things: readonly T[]): T {
    return things[this.upTo(things.length - 1)] as T
  }

  /** One of the names, each as likely as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    return this.oneOf(cards(weights))
  }
}

/** Names in an order that nobody knows, each as often as its weight says, and then all over again: none is left out. */
export class Deck<Name extends string> {
  #left: Name[] = []

  constructor(
    private readonly random: Random,
    private readonly weights: Readonly<Record<Name, number>>,
  ) {}

  draw(): Name {
    if (this.#left.length === 0) this.#left = cards(this.weights)
    const [drawn] = this.#left.splice(this.random.upTo(this.#left.length - 1), 1)
    return drawn as Name
  }
}

function cards<Name extends string>(weights: Readonly<Record<Name, number>>): Name[] {
  const entries = Object.entries(weights) as [Name, number][]
  return entries.flatMap(([name, weight]) => Array.from({ length: weight }, () => name))
}
