/** Reads values of unknown shape: what comes from the network or storage is checked, not trusted. */

export type Dict = Record<string, unknown>;

export const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the value as an object; anything else is an empty one. */
export const dict = (value: unknown): Dict => (isDict(value) ? value : {});

/** Returns the objects of a list; anything else is dropped. */
export const dicts = (value: unknown): Dict[] => (Array.isArray(value) ? value.filter(isDict) : []);

/** Returns the value if it is a string that says something, else `otherwise`. */
export const text = (value: unknown, otherwise = ''): string =>
  typeof value === 'string' && value.trim() ? value : otherwise;

/** Returns the non-empty strings of a list. */
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => text(item) !== '') : [];

/** Returns what a JSON text holds, undefined if it is none. */
export function parseJson(raw: string | null | undefined): unknown {
  try {
    return JSON.parse(raw ?? '');
  } catch {
    return undefined;
  }
}
